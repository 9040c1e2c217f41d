package blocks

import "regexp"

// noticeStart matches how newsrooms begin a notice that the text was corrected, in the languages met most. A bare word
// must be followed by a colon or a dash, or a date before it: "Correction of the market goes on" is news.
var noticeStart = regexp.MustCompile(`(?i)^[\[(*\s]*(?:` +
	`(?:corrections?|clarifications?|errat(?:um|a)|editor[’']?s[’']? note|note from the editors?|` +
	`correction and clarification|corrections and clarifications|` + // en
	`korrektur|berichtigung|richtigstellung|anmerkung der redaktion|anm\. d\. red\.|hinweis der redaktion|` + // de
	`rectificatif|précision|note de la rédaction|ndlr|` + // fr
	`correcci[oó]n|rectificaci[oó]n|aclaraci[oó]n|fe de errat(?:as|a)|fe de errores|nota de la redacci[oó]n|` + // es
	`nota del editor|` +
	`rettifica|errata corrige|precisazione|nota della redazione|ndr|` + // it
	`correctie|rectificatie|verduidelijking|noot van de redactie|` + // nl
	`corre[cç][aã]o|esclarecimento|nota da reda[cç][aã]o|nota do editor|erramos|` + // pt
	`rättelse|rettelse|retting|oikaisu|sprostowanie|korekta|исправление|уточнение|виправлення|düzeltme|editörün notu|oprava|korekce|poznámka redakce|helyesbítés|erată|precizare|nota redacției|` + // tr, cs, hu, ro
	`διόρθωση|διευκρίνιση|поправка|примечание редакции|от редакции|від редакції|прим\. ред\.|ispravak|ispravka|popravek|pojasnilo|ralat|koreksi|đính chính|` + // el, ru, uk, hr, sr, sl, id, vi
	`訂正|お詫びと訂正|おわび|編集部注|更正|编者按|編者按|编者注|勘误|정정|바로잡습니다|편집자 ?주|تصحيح|تنويه|توضيح|ملاحظة المحرر|תיקון|הבהרה|הערת העורך|सुधार|भूल सुधार|संपादक की टिप्पणी|แก้ไขข่าว|หมายเหตุบรรณาธิการ|` + // ja, zh, ko, ar, he, hi, th
	`redaktionens? anm(?:ärkning|\.)?|redaksjonen opplyser|toimituksen huomautus|korjaus|od redakcji|red\. anm\.)` +
	`(?:\s*\([^)]{1,40}\)|,?\s+(?:\p{L}{2,10}\.?,?\s+){0,2}\d[\p{L}\p{N}.,/ ]{0,30})?\s*(?:[.—–-]\s|[:：]|$)` +
	`|(?:an earlier|a previous|the original) version of (?:this|the) (?:article|story|report|page|headline)` +
	`|this (?:article|story|report|piece|page|post|headline)(?: was| has been)? (?:\w+ )?(?:amended|corrected|updated to correct|clarified)` +
	`|(?:in einer|eine) (?:früheren?|vorherigen?|ersten) (?:version|fassung) (?:dieses|des) (?:artikels|textes|beitrags)` +
	`|(?:dieser|der) (?:artikel|text|beitrag) wurde (?:nachträglich |am .{1,30} )?(?:korrigiert|berichtigt|geändert)` +
	`|(?:une|dans une) (?:première|précédente) version de (?:cet|l[’'])\s?article` +
	`|cet article a été (?:modifié|corrigé|rectifié)` +
	`|una versi[oó]n (?:anterior|previa) de est[ea] (?:art[ií]culo|noticia|texto)` +
	`|este art[ií]culo (?:ha sido|fue) (?:corregido|modificado|rectificado)` +
	`|una versione precedente di questo articolo|questo articolo è stato (?:corretto|modificato)` +
	`|(?:在)?(?:本文)?(?:此前|早前|先前)(?:的)?(?:版本|版)|本文(?:已|經|经)(?:更正|更新|修訂|修订)|この記事は.{0,20}(?:訂正|修正)(?:しました|されました)|당초 기사|` +
	`en tidigare version av (?:artikeln|texten)|i en tidligere versjon|i en tidligere version|aiemmassa versiossa|we wcześniejszej wersji|v předchozí verzi|в предыдущей версии|в попередній версії` +
	`|in een eerdere versie van dit (?:artikel|bericht)|dit artikel is (?:aangepast|gecorrigeerd)` +
	`|uma versão anterior d(?:este|esta|o) (?:artigo|texto|reportagem)|este (?:artigo|texto) foi (?:corrigido|alterado)` +
	`)`)

// noticeLimit is how many bytes a notice may have: longer is an article that begins with the word.
const noticeLimit = 1500

// notice says whether a block's text begins as a newsroom's notice of a correction does.
func notice(text string) bool {
	return len(text) <= noticeLimit && phrasesIn(text)&saysCorrection != 0 && noticeStart.MatchString(text)
}

// notice says the same of a segment, whose phrases may be known already: they are found faster than the form.
func (s *segment) notice() bool {
	return len(s.text) <= noticeLimit && s.says()&saysCorrection != 0 && noticeStart.MatchString(s.text)
}
