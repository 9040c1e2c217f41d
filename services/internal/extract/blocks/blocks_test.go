package blocks

import "testing"

func TestNotice(t *testing.T) {
	for text, want := range map[string]bool{
		"Correction: the fee is four crowns.":                        true,
		"Correction (5 March): the fee is four crowns.":              true,
		"Correction, March 5, 2031: the fee is four crowns.":         true,
		"Editor’s note: this text comes from our archive.":           true,
		"This story has been corrected to give the right fee.":       true,
		"An earlier version of this article gave a wrong fee.":       true,
		"Korrektur: Die Gebühr beträgt vier Kronen.":                 true,
		"Anmerkung der Redaktion: Der Text wurde gekürzt.":           true,
		"Cet article a été modifié le 5 mars.":                       true,
		"Corrección: la tasa es de cuatro coronas.":                  true,
		"Rettifica: la tassa è di quattro corone.":                   true,
		"Rectificatie: de heffing is vier kronen.":                   true,
		"Correção: a taxa é de quatro coroas.":                       true,
		"バリ島の記事について：":                                                false,
		"訂正：橋脚の数は四本でした。":                                             true,
		"编者按：本文首次发表于三月。":                                             true,
		"바로잡습니다: 다리의 기둥은 네 개입니다.":                                    true,
		"تصحيح: للجسر أربع دعامات.":                                  true,
		"הבהרה: הגשר נבנה לפני מאה שנה.":                             true,
		"भूल सुधार: पुल में चार खंभे हैं।":                           true,
		"Oprava: Most má čtyři pilíře.":                              true,
		"Поправка: у моста четыре опоры.":                            true,
		"Đính chính: Cây cầu có bốn trụ.":                            true,
		"Toimituksen huomautus: Teksti on päivitetty.":               true,
		"Note from the editors: we took out a sentence.":             true,
		"Editors’ note: we took out a sentence.":                     true,
		"This article was updated to correct a name.":                true,
		"Berichtigung: Es waren vier Pfeiler.":                       true,
		"Dieser Text wurde nachträglich geändert.":                   true,
		"In einer früheren Fassung dieses Textes stand ein Fehler.":  true,
		"NDLR : le pont a quatre piles.":                             true,
		"Dans une première version de cet article, on lisait trois.": true,
		"Aclaración: el puente tiene cuatro pilares.":                true,
		"Una versión previa de esta noticia daba otra cifra.":        true,
		"Este artículo ha sido corregido.":                           true,
		"Questo articolo è stato modificato lunedì.":                 true,
		"Precisazione: i piloni sono quattro.":                       true,
		"In een eerdere versie van dit artikel stond drie.":          true,
		"Dit artikel is aangepast.":                                  true,
		"Verduidelijking: het zijn vier pijlers.":                    true,
		"Uma versão anterior deste artigo dizia três.":               true,
		"Este texto foi alterado.":                                   true,
		"Nota da redação: são quatro pilares.":                       true,
		"En tidigare version av artikeln angav tre.":                 true,
		"I en tidligere version stod der tre.":                       true,
		"Redaktionens anmärkning: det är fyra.":                      true,
		"We wcześniejszej wersji podano trzy.":                       true,
		"Sprostowanie: most ma cztery filary.":                       true,
		"V předchozí verzi byly tři.":                                true,
		"Helyesbítés: a hídnak négy pillére van.":                    true,
		"Erată: podul are patru piloni.":                             true,
		"Διόρθωση: η γέφυρα έχει τέσσερις πυλώνες.":                  true,
		"От редакции: у моста четыре опоры.":                         true,
		"В предыдущей версии было три.":                              true,
		"Düzeltme: köprünün dört ayağı var.":                         true,
		"Editörün notu: köprünün dört ayağı var.":                    true,
		"Koreksi: jembatan itu punya empat tiang.":                   true,
		"お詫びと訂正：橋脚は四本でした。":                                           true,
		"この記事は一部訂正しました。":                                             true,
		"此前版本有误。":                                                    true,
		"本文已更正。":                                                     true,
		"당초 기사에는 세 개로 나갔습니다.":                                        true,
		"ملاحظة المحرر: للجسر أربع دعامات.":                          true,
		"संपादक की टिप्पणी: पुल में चार खंभे हैं।":                   true,
		"หมายเหตุบรรณาธิการ: สะพานมีสี่เสา":                          true,
		"Toimitus ei kommentoi: asia on kesken.":                     false,
		"Correction of the market is near, says the bank on Monday.": false,
		"Corrections officers went on strike - again - on Monday.":   false,
		"Clarification was asked for by the mayor.":                  false,
		"The newspaper corrected this article.":                      false,
	} {
		if got := notice(text); got != want {
			t.Errorf("notice(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestStem(t *testing.T) {
	for address, want := range map[string]string{
		"https://img.example/a/bridge-1024x768.jpg?w=5":   "/a/bridge",
		"https://cdn.example/w_640,h_480/a/bridge.webp":   "/a/bridge",
		"//img.example/ws/800/a/bridge@2x.png":            "/ws/a/bridge",
		"/_image?url=https%3A%2F%2Fx.example%2Fp%2Fq.jpg": "/p/q",
		"data:image/gif;base64,R0lGOD":                    "",
		"https://img.example/":                            "",
		"https://img.example/%zz":                         "",
	} {
		if got := Stem(address); got != want {
			t.Errorf("Stem(%q) = %q, want %q", address, got, want)
		}
	}
}
