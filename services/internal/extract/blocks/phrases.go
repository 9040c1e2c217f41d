package blocks

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrase is what the words of a text say of its purpose. Several can be said at once.
type phrase uint32

const (
	saysMore phrase = 1 << iota
	saysSignUp
	saysCopyright
	saysPhoto
	saysByline
	saysComment
	saysConsent
	saysTime
	saysShare
	saysCorrection
	saysTags
	saysYou
	saysAd
	saysAgency
	saysAbout
	saysContact
	saysTranslated
	saysView
	saysLife
	phrases = iota
)

// phraseTexts are beginnings and parts of furniture texts, in lower case, each in many languages. A text with a caret
// must stand at the beginning.
var phraseTexts = map[phrase]string{
	saysMore: "^read more|^read also|^also read|^see also|^more on|^more from|^more:|^related|^recommended|^you may also like|^you might also like|^watch:|^watch |^listen|^don't miss|^don’t miss|^must read|^in pictures|^in case you missed|^read the full|^read next|^further reading|^click here|^continue reading|^explore more|^view more|^see more|read more:|^read:|^see:|^related:|^what to read|^up next|^more stories|^latest news|^trending|^most read|^most popular|" +
		"^mehr zum thema|^lesen sie auch|^lesen sie mehr|^lesen sie hier|^mehr dazu|^siehe auch|^auch interessant|^das könnte sie|^weitere artikel|^zum thema|^weiterlesen|^meistgelesen|^mehr lesen|^lies auch|^lesetipp|^weitere informationen|^passend dazu|^hier geht es|" +
		"^lire aussi|^à lire aussi|^a lire aussi|^lire la suite|^en savoir plus|^voir aussi|^sur le même sujet|^à voir|^les plus lus|^pour aller plus loin|^>> lire|^→|" +
		"^lea también|^lee también|^te puede interesar|^leer más|^ver más|^más información|^también puedes leer|^le puede interesar|^además|^más noticias|^lo más leído|^relacionado|^en vídeo|" +
		"^leggi anche|^leggi di più|^per approfondire|^potrebbe interessarti|^vedi anche|^guarda|^approfondimento|^articoli correlati|" +
		"^leia também|^leia mais|^veja também|^saiba mais|^ver também|^mais lidas|^relacionadas|" +
		"^lees ook|^lees meer|^lees verder|^bekijk ook|^meer over|^läs också|^läs även|^läs mer|^läs vidare|^les også|^læs også|^les mer|^læs mere|^lue myös|^katso myös|^lue lisää|" +
		"^czytaj także|^czytaj też|^zobacz też|^zobacz także|^przeczytaj|^čtěte také|^čtěte více|^více k tématu|^související|^mohlo by vás|^citește și|^citeşte şi|^olvassa el|^kapcsolódó|^δείτε|^διαβάστε|^читайте также|^читать далее|^смотрите также|^подробнее|^по теме|^читайте також|" +
		"^ayrıca|^ilgili|^devamını oku|^baca juga|^simak juga|^اقرأ|^شاهد|^המשך|^עוד ב|^यह भी पढ़ें|^ये भी पढ़ें|^আরও|^இதையும்|^関連記事|^続きを読む|^あわせて読みたい|^相关|^延伸阅读|^延伸閱讀|^更多|^관련기사|^더보기|^อ่านเพิ่ม|^ข่าวที่เกี่ยวข้อง|^xem thêm|^đọc thêm|^tin liên quan",
	saysSignUp:     "newsletter|readers of our|weekly letter|daily letter|our letter|our briefing|delivered to you|unsubscribe|join thousands|join more than|register free|ihr postfach|dein postfach|in ihr mail|votre boîte|su correo|tu correo|nella tua mail|nella tua casella|seu e-mail|je mailbox|uw mailbox|din inkorg|din indbakke|на почту|e-posta kutunuza|sign up|subscribe|your inbox|e-mail address|email address|download the app|our app|whatsapp channel|whatsapp-kanal|follow us|push notification|jetzt abonnieren|abonnieren sie|anmelden|registrieren|kostenlos registriert|s'abonner|abonnez-vous|inscrivez-vous|boîte mail|suscríbete|suscríbase|suscribirse|boletín|síguenos|iscriviti|abbonati|seguici|assine|inscreva-se|siga-nos|nieuwsbrief|meld je aan|nyhetsbrev|nyhedsbrev|uutiskirje|zapisz się|odběr|hírlevél|подпишитесь|подписывайтесь|підписуйтесь|bülten|abone ol|langganan|ニュースレター|メルマガ|登録|订阅|訂閱|구독|सब्सक्राइब|व्हाट्सएप|اشترك|نشرة|become a member|support our journalism|unterstützen sie|faites un don|join our|create an account|start your free trial|abonnement",
	saysCopyright:  "^©|^(c)|copyright|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos|todos os direitos|tutti i diritti|riproduzione riservata|© riproduzione|reproduction interdite|may not be reproduced|без разрешения|все права|転載|版权|版權|著作権|무단|저작권자|ⓒ|reprodução proibida|prohibida su reproducción|prohibida la reproducción|must not be published|wszelkie prawa|zastrzeżone",
	saysPhoto:      "^photo|^image|^picture|^foto|^bild|^crédit|^credit|^fotografía|^imagen|^immagine|^photograph|^illustration|^video:|^quelle:|getty images|/afp|/reuters|/ap photo|(ap photo|(reuters)|(afp)|shutterstock|istock|/dpa|picture alliance|imago|photo:|foto:|image source|image caption|写真|图|사진|फोटो|фото:|фото |تصوير",
	saysByline:     "^by |^von |^par |^por |^di |^door |^av |^af |^written by|^reporting by|^text:|^texte|^author:|^autor|^redaktion|^story by|^words:|^скрипт|^автор|^بقلم|^記者|^记者|^文/|^yazan|^oleh|editing by|reporting by|additional reporting|writing by|compiled by|^edited by|^with reporting|contributed to this|contributed reporting|hat an diesem|bearbeitet von|^editor:|^reporter:|^redaktör|^reporter|^taxt",
	saysAgency:     "^(ap)|^(afp)|^(reuters)|^(dpa)|^afp|^reuters|^dpa|^source:|^sources:|^quelle:|^quellen|^fonte:|^fuente:|^bron:|^kilde:|^källa:|(dpa)|(apa)|(ansa)|(afp)|/dpa|(red)|(pap)|(sda)|© dpa|dpa-infocom|^stt|^ntb|^ritzau|^tt$|this story was|this article was|originally published|first published|first appeared|zuerst erschien|dieser artikel erschien|this content|was produced|www.|http",
	saysComment:    "leave a comment|leave a reply|post a comment|add a comment|join the discussion|join the conversation|comments are closed|be the first to comment|kommentar|laisser un commentaire|comentarios|commenti|comentários|reacties|kommentera|kommenttia|комментари|yorum|コメント|评论|留言|댓글|what do you think|send us|have your say|do you have a|feedback|hinweis zu",
	saysConsent:    "cookie|privacy policy|personal data|consent|gdpr|datenschutz|einwilligung|personenbezogen|données personnelles|vie privée|política de privacidad|protezione dei dati|javascript|ad blocker|adblock|terms of service|terms of use|nutzungsbedingungen|externer inhalt|externen inhalt|externe inhalte|external content|contenu externe|contenido externo|contenuto esterno|conteúdo externo|eksternt innhold|externt innehåll|externe inhoud|einem klick|one click|embedded content|eingebettete|browser|recaptcha|inhalte von",
	saysTime:       "^published|^updated|^last updated|^posted|^veröffentlicht|^aktualisiert|^stand:|^publié|^mis à jour|^publicado|^actualizado|^atualizado|^pubblicato|^aggiornato|^gepubliceerd|^bijgewerkt|^publicerad|^uppdaterad|^publisert|^oppdatert|^julkaistu|^päivitetty|^opublikowano|^aktualizacja|^publikováno|^опубликовано|^обновлено|^güncelleme| ago$| min read|minutes read|minute read|min. lesezeit|min lesezeit|lesezeit|min de lecture|minutos de leitura|reading time|temps de lecture|hours ago|minutes ago|days ago|^vor |^il y a |^hace |minutter|minuten|前$|시간 전| uhr$|^erstellt|^il y a|^last modified",
	saysShare:      "^share|^teilen|^partager|^compartir|^compartilhar|^condividi|^delen|^dela |^del på|^jaa|^udostępnij|^sdílet|^поделиться|^paylaş|^bagikan|^シェア|^分享|^공유|facebook|twitter|whatsapp|copy link|link kopieren|linkedin|instagram|telegram|^print|^drucken|^e-mail|^email|^save|^bookmark|^merken|^listen to this|^artikel anhören|google news|^chia sẻ|add as preferred",
	saysCorrection: "correction|clarification|corrected|amended|editor's note|editor’s note|editors' note|earlier version|previous version|korrektur|richtigstellung|anmerkung der redaktion|korrigiert|früheren version|rectificatif|précision|note de la rédaction|corrección|rectificación|fe de errat|fe de errores|nota del editor|versión anterior|rettifica|errata|precisazione|nota della redazione|correctie|rectificatie|correção|versão anterior|rättelse|rettelse|retting|oikaisu|sprostowanie|korekta|исправлен|уточнение|düzeltme|訂正|更正|정정|تصحيح|תיקון|सुधार|erratum|oprava|helyesbítés|διόρθωση|note from the editor|editors’ note|editors note|version of th|berichtigung|anm. d. red|hinweis der redaktion|früheren fassung|vorherigen version|ersten version|wurde korrigiert|wurde berichtigt|wurde nachträglich|ndlr|précédente version|première version|correccion|rectificacion|aclaración|aclaracion|nota de la redacc|versión previa|corregido|rectificado|versione precedente|stato corretto|stato modificato|verduidelijking|noot van de redactie|eerdere versie|aangepast|gecorrigeerd|correçao|esclarecimento|nota da reda|nota do editor|erramos|corrigido|alterado|tidigare version|tidligere ver|aiemmassa versiossa|wcześniejszej wersji|od redakcji|red. anm|редакции|редакції|поправка|прим. ред|виправлення|предыдущей версии|попередній версії|editörün notu|korekce|poznámka redakce|předchozí verzi|erată|precizare|nota redac|διευκρίνιση|ispravak|ispravka|popravek|pojasnilo|ralat|koreksi|đính chính|お詫び|おわび|編集部注|编者|編者|勘误|本文|此前|早前|先前|この記事は|바로잡습니다|편집자|당초 기사|تنويه|توضيح|ملاحظة المحرر|הבהרה|הערת העורך|भूल|संपादक|แก้ไขข่าว|หมายเหตุ|redaktionens anm|redaktions anm|redaksjonen opplyser|toimituksen huomautus|korjaus|was updated|clarified|cet article a été|este artículo|este articulo|questo articolo|dieser artikel wurde|dieser text wurde|der artikel wurde|der text wurde|dit artikel is|este artigo foi|este texto foi|fe de errat|fe de errores|更新|版本",
	saysTags:       "^tags|^tag:|^topics|^topic|^keywords|^schlagwort|^schlagwörter|^themen|^thema|^mots-clés|^sujets|^etiquetas|^temas|^categor|^filed under|^posted in|^in this story|^explore|^onderwerpen|^ämnen|^emneord|^aiheet|^tagi|^témata|^теги|^etiketler|^标签|^標籤|^タグ|^태그|^hashtags|^#|^temi|^argomenti|^archived in|^sections|^more about|^companies",
	saysAd:         "advertisement|^ad$|^ads$|^anzeige|^werbung|^publicité|^publicidad|^pubblicità|^advertentie|^annons|^annonse|^annonce|^mainos|^reklama|^reklam|^реклама|^iklan|^広告|^广告|^廣告|^광고|sponsored|affiliate|commission|^paid content|gesponsert|story continues|article continues|continues below|continues after",
	saysYou:        " you | your | we | our | us |^you |^your |^we |^our | sie | ihre | ihnen | vous | votre | nous | notre | usted | tu | su | nuestro | você | seu | nosso |^wir | wir | unser",
	saysAbout:      "^about the author|^about |^über den autor|^zur person|^à propos|^sobre el autor|^sobre o autor|^sull'autore|^over de auteur|^zum autor|^author bio| is a reporter| is a senior| is a staff| is a correspondent| is a journalist| is the author| is a freelance| is a writer| is a columnist| is an editor| covers | ist redakteur| ist korrespondent| ist journalist| schreibt seit|^zur autorin|^jahrgang|follow him|follow her| is based in|reach him|reach her|can be reached|est journaliste|es periodista|è giornalista",
	saysContact:    "do you have a story|do you have more|do you know more|have you been|have you got|got a tip|got a story|have a tip|a story to tell|share your story|tell us your|tell us what|tell us in the|let us know|get in touch|contact us|contact our|contact the|email us|email:|e-mail:|e-mail to|mail an|write to us|write to the|send your|send a letter|letters to|via email|hinweise an|schreiben sie uns|schreiben sie an|schicken sie|haben sie hinweise|ihre meinung|diskutieren sie|was meinen sie|sagen sie uns|écrivez-nous|écrivez à|contactez|donnez votre avis|escríbanos|escribe a|cuéntanos|contacta|envíe|scrivi a|scriveteci|inviate|segnala|escreva|envie|fale com|mail ons|tip de redactie|heb je een tip|stuur|tipsa oss|tips oss|har du tips|mejla|tip os|skriv til|skriv till|napisz do|napiszcie|czekamy na|напишите|пишите|сообщите|bize yazın|ihbar|hubungi|info@|redaktion@|редакция@|제보|お寄せ|情報提供|爆料|投稿|संपर्क|تواصل|راسل",
	saysTranslated: "translated by|translated from|translation by|translation:|machine translation|translated with|aus dem englischen|aus dem französischen|aus dem spanischen|aus dem russischen|aus dem italienischen|aus dem amerikanischen|aus dem ukrainischen|aus dem arabischen|übersetzung:|übersetzung von|übersetzt von|übersetzt und|maschinelle übersetzung|eine übersetzung|original ist|im original|traduit par|traduit de|traduction|traducción|traducido|traduzione|tradotto|tradução|traduzido|vertaling|vertaald|översättning|översatt|oversettelse|oversat|oversatt|käännös|suomennos|tłumacz|przełożył|překlad|přeložil|перевод|переклад|çeviri|çeviren|diterjemahkan|翻訳|翻译|번역|अनुवाद|ترجمة",
	saysView:       "views expressed|opinions expressed|views are|views of the author|author's own|author’s own|necessarily reflect|own views|do not reflect|meinung der redaktion|meinung des autors|meinung der autor|gastbeitrag|gastkommentar|kommentare und beiträge|spiegelt nicht|spiegeln nicht|wieder, nicht|les opinions|les propos|n'engage|n’engage|tribune|las opiniones|la opinión de|no reflejan|no representa|le opinioni|as opiniões|não reflete|não refletem|de mening van|standpunt van|debattartikel|kronikk|meninger i|åsikter|debattinlägg|poglądy|wyrażone|názory|мнение автора|мнение редакции|думка редакції|görüşler|opini|個人の見解|不代表|必ずしも|لا تعبر|आवश्यक रूप से|विचार व्यक्तिगत",
	saysLife:       " is a senior| is an associate| is an assistant| is a professor| is professor| is a former| is a fellow| fellow at| is the founder| is a founder| is founder| is director| is the director| is president| is the president| is chief| is executive| is head of| is the head of| is a visiting| is a doctoral| is a graduate| is co-| teaches | lives in | lives with| grew up in| latest book| new book| author of| most recent book| ist professor| ist senior| ist gründer| ist autor| ist schriftsteller| ist politik| ist wissenschaft| ist vorsitzende| ist direktor| ist mitglied| lebt in | lebt und| lehrt | lehrte | forscht | forschte | geboren 19| geboren in| studierte | studied | arbeitet als| arbeitet für| leitet | est professeur| est chercheur| est chercheuse| est directeur| est directrice| est l'auteur| est l’auteur| est économiste| est philosophe| est historien| né en 1| née en 1| es profesor| es catedrático| es escritor| es autor| es economista| es director| è professore| è docente| è autore| è autrice| insegna | é professor| é escritor| é autor| é economista| is hoogleraar| is auteur| is docent| är professor| är forskare| är författare| er professor| er forsker| er forfatter| on professori| jest profesorem| jest autorem| je profesor| профессор | профессором| автор книг| profesör| adalah dosen| adalah penulis| 교수$| 변호사$|教授。|작가$",
}

// pattern is one text of the table.
type pattern struct {
	text       string
	start, end bool // it stands at the beginning, or at the end
	says       phrase
}

// patterns are the texts by their first two bytes, which are looked up at every place of a text.
var patterns = func() map[[2]byte][]pattern {
	all := make(map[[2]byte][]pattern)
	for says, list := range phraseTexts {
		for _, text := range strings.Split(list, "|") {
			cut, start := strings.CutPrefix(text, "^")
			key := [2]byte{cut[0], cut[min(1, len(cut)-1)]}
			if len(cut) == 1 {
				key[1] = 0
			}
			cut, end := strings.CutSuffix(cut, "$")
			all[key] = append(all[key], pattern{cut, start, end, says})
		}
	}
	return all
}()

// within says of two bytes whether any of the texts that may stand anywhere begins with them, one bit each: most words are
// passed over by it.
var within = func() (bits [1 << 10]uint64) {
	for key, list := range patterns {
		if slices.ContainsFunc(list, func(p pattern) bool { return !p.start }) {
			bits[int(key[0])<<2|int(key[1])>>6] |= 1 << (key[1] & 63)
		}
	}
	return bits
}()

// phraseWindow is how many bytes of a text are searched; furniture is short.
const phraseWindow = 400

// phrasesIn finds what a text says. Only the texts that begin at the beginning of a word are found, those of scripts
// without spaces anywhere.
func phrasesIn(text string) phrase {
	if len(text) > phraseWindow {
		text = text[:phraseWindow]
	}
	lower := strings.ToLower(text)
	var found phrase
	wasLetter := false
	for i := 0; i < len(lower); {
		r, size := utf8.DecodeRuneInString(lower[i:])
		letter := r < utf8.RuneSelf && r >= 'a' && r <= 'z' || r >= utf8.RuneSelf && unicode.IsLetter(r)
		if !wasLetter || r >= 0xe00 || !letter {
			found |= saidAt(lower, i)
		}
		wasLetter = letter
		i += size
	}
	return found
}

// saidAt finds what the texts say that stand at a place.
func saidAt(lower string, at int) (found phrase) {
	key := [2]byte{lower[at], 0}
	if at+1 < len(lower) {
		key[1] = lower[at+1]
	}
	if at > 0 && within[int(key[0])<<2|int(key[1])>>6]>>(key[1]&63)&1 == 0 {
		return 0
	}
	for _, p := range patterns[key] {
		if (!p.start || at == 0) && strings.HasPrefix(lower[at:], p.text) && (!p.end || len(lower) == at+len(p.text)) {
			found |= p.says
		}
	}
	return found
}
