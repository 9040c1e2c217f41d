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
