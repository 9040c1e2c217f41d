package blocks

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// disturb makes a copy of a lesson's page with invented furniture and invented lines of the article in it, and says by
// mark which is which. The words are others than those of the benchmark's mutations.
func disturb(l *lesson, copy int) (string, map[string]bool) {
	doc, err := dom.Parse(l.html)
	if err != nil {
		return "", nil
	}
	d := disturber{random: rand.New(rand.NewPCG(uint64(digest(l.id)), uint64(copy))), marks: make(map[string]bool)}
	p := Cut(doc)
	truth := make(map[string]bool)
	words := tokens(l.truth)
	for i := 0; i+4 <= len(words); i++ {
		truth[strings.Join(words[i:i+4], " ")] = true
	}
	for i := range p.segments {
		s := &p.segments[i]
		text := tokens(s.text)
		if len(text) >= 8 && truth[strings.Join(text[2:6], " ")] && s.node.Data == "p" && s.node.Parent != nil {
			d.inside = append(d.inside, s.node)
		}
	}
	if len(d.inside) < 2 {
		return "", nil
	}
	d.around()
	d.within()
	for i := len(d.inside) - 1; i > 0; i-- {
		if len(d.inside) > 6 && d.random.IntN(12) == 0 && d.inside[i].Parent != nil {
			d.inside[i].Parent.RemoveChild(d.inside[i])
		}
	}
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		return "", nil
	}
	return b.String(), d.marks
}

type disturber struct {
	random *rand.Rand
	inside []*html.Node
	marks  map[string]bool
}

func (d *disturber) pick(list string) string {
	all := strings.Split(list, "|")
	return all[d.random.IntN(len(all))]
}

// put inserts markup beside a node with a mark.
func (d *disturber) put(place *html.Node, after bool, in bool, markup string) {
	if place.Parent == nil {
		return
	}
	key := fmt.Sprint(len(d.marks))
	d.marks[key] = in
	nodes, err := html.ParseFragment(strings.NewReader(markup), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return
	}
	before := place
	if after {
		before = place.NextSibling
	}
	for _, n := range nodes {
		if n.Type == html.ElementNode {
			n.Attr = append(n.Attr, html.Attribute{Key: markKey, Val: key})
		}
		place.Parent.InsertBefore(n, before)
	}
}

func (d *disturber) paragraph() *html.Node { return d.inside[d.random.IntN(len(d.inside))] }

// class is a name for an element: telling, telling nothing, or none.
func (d *disturber) class(telling string) string {
	switch d.random.IntN(3) {
	case 0:
		return fmt.Sprintf(` class="%s"`, d.pick(telling))
	case 1:
		return fmt.Sprintf(` class="%c%x"`, 'a'+d.random.IntN(26), d.random.Uint32())
	}
	return ""
}

func (d *disturber) around() {
	line := func() string { return d.pick(inventedLines) }
	first, last := d.inside[0], d.inside[len(d.inside)-1]
	for range 3 + d.random.IntN(3) {
		switch d.random.IntN(17) {
		case 0, 1:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<p%s><a href="/x">%s%s</a></p>`, d.class("inline-link|read-on|more-link"), d.pick(inventedLeads), line()))
		case 2:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<p%s><strong>%s</strong> <a href="/x">%s</a></p>`, d.class("also|teaser-inline"), d.pick(inventedLeads), line()))
		case 3:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<ul%s><li><a href="/1">%s</a></li><li><a href="/2">%s</a></li><li><a href="/3">%s</a></li></ul>`, d.class("linklist|further"), line(), line(), line()))
		case 4, 5:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<div%s><h3>%s</h3><p>%s</p></div>`, d.class("nl-teaser|mailbox|signup-module|promo-unit|reader-post|briefing-card|mail-unit"), d.pick(inventedNames), d.pick(inventedPitches)))
		case 6:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<p%s><em>%s</em></p>`, d.class("service|hint"), d.pick(inventedPitches)))
		case 7:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<div%s><div>%s</div></div>`, d.class("ad-slot|sky|adbox"), d.pick(inventedOffers)))
		case 8:
			d.put(first, false, false, fmt.Sprintf(`<p%s>%s</p>`, d.class("stamp|meta|time-line"), fmt.Sprintf(d.pick(inventedTimes), 1+d.random.IntN(58))))
		case 9:
			d.put(last, true, false, fmt.Sprintf(`<div%s><h2>%s</h2><ol><li><a href="/1">%s</a></li><li><a href="/2">%s</a></li></ol></div>`, d.class("top-stories|charts|hits"), d.pick(inventedHeads), line(), line()))
		case 10:
			d.put(last, true, false, fmt.Sprintf(`<div%s><div><h3><a href="/1">%s</a></h3><p>%s</p></div><div><h3><a href="/2">%s</a></h3><p>%s</p></div></div>`, d.class("cards|teaser-row|reco"), line(), d.pick(inventedSummaries), line(), d.pick(inventedSummaries)))
		case 11:
			d.put(last, true, false, fmt.Sprintf(`<div%s><p>%s</p><p>%s</p></div>`, d.class("opinions|forum-posts|reader-posts"), d.pick(inventedOpinions), d.pick(inventedOpinions)))
		case 12, 13:
			d.put(last, true, false, fmt.Sprintf(`<p%s>%s</p>`, d.class("credit|end-note|legal"), d.pick(inventedEnds)))
		case 14:
			d.put(last, true, false, fmt.Sprintf(`<p%[1]s>%[2]s</p><p%[1]s>%[3]s</p>`, d.class("text|para"), d.pick(inventedSigns), d.pick(inventedEnds)))
		case 15:
			d.put(last, true, false, fmt.Sprintf(`<p><em>%s</em></p>`, d.pick(inventedEnds+"|"+inventedSigns)))
		case 16:
			d.put(d.paragraph(), true, false, fmt.Sprintf(`<div%s><img src="/p/%d.jpg" alt=""><p%s>%s</p></div>`, d.class("shot|visual"), d.random.IntN(99), d.class("legend|text"), d.pick(inventedLegends)))
		}
	}
}

func (d *disturber) within() {
	first, last := d.inside[0], d.inside[len(d.inside)-1]
	for range 3 + d.random.IntN(2) {
		switch d.random.IntN(11) {
		case 6:
			d.put(d.paragraph(), true, true, fmt.Sprintf(`<%[1]s><li>%[2]s</li><li>%[3]s</li><li>%[4]s</li></%[1]s>`, d.pick("ul|ol"), d.pick(inventedItems), d.pick(inventedItems), d.pick(inventedItems)))
		case 7:
			d.put(d.paragraph(), true, true, fmt.Sprintf(`<blockquote%s><p>%s</p></blockquote>`, d.class("quotation|voice"), d.pick(inventedQuotes)))
		case 8:
			d.put(d.paragraph(), true, true, fmt.Sprintf(`<table%s><tr><th>Year</th><th>%s</th></tr><tr><td>2029</td><td>%d</td></tr><tr><td>2030</td><td>%d</td></tr></table>`, d.class("numbers|data"), d.pick("Boats|Häuser|Élèves|Litros"), d.random.IntN(9000), d.random.IntN(9000)))
		case 0:
			d.put(last, true, true, fmt.Sprintf(`<p><em>%s</em></p>`, d.pick(inventedCorrections)))
		case 1:
			d.put(last, true, true, fmt.Sprintf(`<div%s>%s</div>`, d.class("correction|note|article-correction"), d.pick(inventedCorrections)))
		case 2:
			d.put(first, false, true, fmt.Sprintf(`<p>%s</p>`, d.pick(inventedCorrections)))
		case 3, 4, 9, 10:
			d.put(last, true, true, fmt.Sprintf(`<p>%s</p>`, d.pick(inventedShorts)))
		case 5:
			d.put(d.paragraph(), true, true, fmt.Sprintf(`<p>%s</p>`, d.pick(inventedShorts)))
		}
	}
}

const (
	inventedLines       = "Harbour tram runs again after six years|Why the salt trade moved north|Zwei Dörfer streiten um eine Quelle|Der letzte Schmied von Hallersbach|Un village sans médecin depuis dix ans|Le fromage qui divise la vallée|El puente viejo espera su reforma|Los últimos pescadores de la ría|Il mercato che non dorme mai|A escola que venceu a seca|De molen die weer draait|Stary młyn wraca do życia|Город вернул себе реку|港の朝市が再開|老桥重新开放|Five gardens to see this spring|What the storm left behind in Eastmoor"
	inventedLeads       = "READ: |ALSO READ: |Related: |More: |Watch now: |Lesen Sie auch: |Mehr dazu: |À lire aussi : |Sur le même thème : |Lea también: |Leggi anche: |Leia também: |Lees ook: |Läs också: |Czytaj także: |Читайте также: |関連: |In pictures: |Background: "
	inventedNames       = "The Daily Tide|Our weekly mail|Der Abend kompakt|La lettre du soir|El boletín de la mañana|Il meglio della settimana|De ochtendpost|Bleiben Sie dabei|Stay with us|What matters, by post|The harbour letter|Notes from the north|Sunday reading|Kurz vor sieben|Der Küstenbrief|Sept heures pile|Cinco cosas|Cinque minuti|Before you leave the house"
	inventedPitches     = "Our reporters write to you every evening. Register free of charge.|Receive the main stories by e-mail each morning; unsubscribe whenever you like.|You want more of this? Then order our letter for readers.|Mit unserem Newsletter bekommen Sie das Wichtigste jeden Abend in Ihr Postfach. Jetzt anmelden!|Recevez chaque matin l'essentiel de l'actualité dans votre boîte mail. Inscrivez-vous gratuitement.|Reciba cada mañana las noticias más importantes en su correo. Suscríbase gratis.|Ricevi ogni giorno le notizie più importanti. Iscriviti alla newsletter.|Ontvang elke dag het belangrijkste nieuws in je mailbox. Meld je aan.|Download our app and get the news first.|Follow our channel for news from the region.|Did you like this text? Support us with a monthly sum.|Have you seen something we should know? Write to our newsroom.|Twenty thousand people already read our letter on the sea. Come and join them.|All that counts, in three minutes, before your first cup.|The best of our archive, every Sunday.|Our culture desk picks five things for your weekend.|Was wichtig war, kurz vor Feierabend: Ihr Brief aus der Redaktion.|Die besten Texte der Woche, jeden Samstag um sieben.|Ce qu'il faut savoir, raconté chaque soir par nos journalistes.|Lo mejor de la semana, los domingos, gratis y sin publicidad.|Ogni sabato cinque storie scelte per te.|De beste verhalen van de week, elke zaterdag.|Politics without noise: one letter a week from our man in the capital.|What our critics loved this month, for those who pay."
	inventedOffers      = "Garden chairs, now cheaper by a third at Mertens.|Die neue Matratze von Schlafgut: hundert Nächte testen.|Vos vacances en montagne dès 99 couronnes.|Compare car insurance in two minutes and save.|Learn a language with ten minutes a day.|Ihr Zuhause wird warm: Wärmepumpen von Nordhaus."
	inventedTimes       = "%d min ago|Updated %d minutes ago|vor %d Minuten|il y a %d minutes|hace %d minutos|%d minuti fa|%d minuten geleden|%d minuter sedan|%d minutes read|Lesezeit: %d Minuten|Last changed at 11:%02d|%d 分前"
	inventedHeads       = "Most viewed|What others read|Meistgelesen|Les plus lus|Lo más visto|I più letti|Mest läst|You could like this too|Das könnte Sie interessieren|More from this section"
	inventedSummaries   = "For years the valley waited for a road. Now that it is here, some want it gone again.|He paints only at night, and only ships. A visit to a man who has never seen the sea.|Die Stadt will sparen, und wieder trifft es die Bäder. Was sagen die Schwimmer dazu?|Elle a quitté la ville pour élever des abeilles. Trois ans plus tard, elle ne regrette rien.|El barrio pide un parque desde hace veinte años. El alcalde promete que esta vez va en serio."
	inventedOpinions    = "I really don't get why nobody has asked the neighbours about this, they knew it all along.|Wer das glaubt, hat noch nie in diesem Ort gewohnt. Aber schön geschrieben!|Merci pour cet article, enfin quelqu'un qui en parle comme il faut.|As a teacher I can only say that the numbers are much worse than what is written here.|Y esto lo pagamos todos, como siempre. Nadie dice nada en el ayuntamiento."
	inventedEnds        = "© Coastal Media Group. No part may be used again without leave.|All rights reserved by the publishing house.|Photo: A. Merrow / coastline pictures|This text was first printed in the Eastmoor Herald.|Tags: harbour, weather, boats|Ada Merrow writes about the sea and those who live by it. She lives in Eastmoor.|Quelle: Agenturen|Share this story with your friends.|Edda Lorn is a senior fellow at the Institute for Tides and the author of a book on harbours.|Tom Quill teaches economic history in Eastmoor.|The author is a former harbour master. The views expressed here are his own.|What the writer says need not be what this paper thinks.|Do you know more about this? Write to us: tips@coastal.example.|Were you on the ferry? Tell us what you saw.|Follow the Coastal Courier on every network and add us to your sources.|For more on the sea, read our weekly letter.|Click here to read the whole verdict.|Jonas Rehder, geboren 1981, lebt als Schriftsteller in Hallersbach.|Die Autorin ist Professorin für Wasserbau und leitet das Institut in Hallersbach.|Gastbeiträge geben nicht die Meinung der Redaktion wieder.|Haben Sie Hinweise? Schreiben Sie uns an kueste@nordfunk.example.|Mehr Nachrichten aus der Region gibt es in unserem Abendbrief.|Odile Varenne est historienne et enseigne à Varenne-sur-Mer.|Les textes des invités n'engagent que leurs auteurs.|Vous avez vu quelque chose ? Écrivez-nous.|Inés Roldán es profesora de derecho marítimo.|Las opiniones de esta sección son de sus autores.|Cuéntanos qué te ha parecido en comentarios@costa.example.|L'autore insegna storia a Porto Nove.|As opiniões aqui publicadas são de quem as assina.|Wim Haak is hoogleraar waterbouw in Zeedam.|Heb je een tip? Mail de redactie.|Har du tips om saken? Mejla oss.|Autor jest profesorem historii w Zatoce.|Мнение автора может не совпадать с мнением редакции.|제보는 이메일로 보내 주세요.|ご意見・情報をお寄せください。"
	inventedSigns       = "Aus dem Französischen von Jonas Rehder|Translated from the Dutch by Ada Merrow|Traduit de l'anglais par Odile Varenne|Traducción de Inés Roldán|Dieser Text wurde maschinell übersetzt.|Dit stuk is vertaald door Wim Haak|Text: Jonas Rehder / Bilder: Küstenpresse|eastmoor@coastal.example|Copyright: Coastal Syndicate, 2031|김하늘 기자|（記者・浜田）|本报记者 林海|Sendung: Nordfunk am Abend, 3. Mai, 18 Uhr"
	inventedLegends     = "The old harbour in Eastmoor last spring. Photo: Coastal Media|A ferry leaves the pier, seen from the north bank. A. Merrow / CMG|Mayor Edda Lorn at the opening of the bridge on Monday. CMG|Bürgermeisterin Edda Lorn bei der Eröffnung. Foto: Küstenpresse|Die Werft von oben, aufgenommen im Mai. Bild: Nordfunk|Le port vu du phare. Crédit photo : O. Varenne|El puerto, este lunes. I. ROLDÁN|Il faro di notte (Foto Agenzia Costa)|De haven gezien vanaf de dijk. Beeld: Wim Haak|12일 항구에서 어민들이 그물을 정리하고 있다. 해안뉴스|港に戻る漁船＝５月３日、浜田撮影|Рыбаки на пристани. Фото: Берег"
	inventedItems       = "Bring warm clothes and a lamp.|The old ferry landing, closed since March|Two tickets for the price of one|Keep the windows shut at night.|Die Brücke bleibt bis Herbst gesperrt|Wer zahlt die neue Straße?|Trois écoles rouvrent lundi|Más trenes por la mañana|42 houses, of which nine stand empty|La strada resta chiusa di notte.|De dijk wordt hoger|新しい駅は来年開く"
	inventedQuotes      = "We never thought that the river would come this far, and certainly not in June.|Ich habe das Schiff gebaut, und ich werde es auch steuern.|On ne vend pas une forêt.|Nadie nos preguntó nada. Nos enteramos por la radio.|It is a good town to grow old in, said the baker."
	inventedCorrections = "Correction: The name of the village was misspelled in the first version of this text.|Correction, 3 June: The tower is 48 metres high, not 84.|Editors' note: A passage on the trial was changed on the advice of our lawyers.|Clarification: The quoted letter was written in 2009.|This story has been corrected. The mayor was elected in spring, not in autumn.|Korrektur: In einer früheren Fassung stand ein falsches Jahr.|Anmerkung der Redaktion: Der Text wurde um die Antwort des Ministeriums ergänzt.|Rectificatif : le maire a été élu en 2014 et non en 2012.|Corrección: una versión anterior daba una cifra equivocada.|Nota della redazione: il testo è stato aggiornato dopo la smentita.|Correctie: in een eerdere versie stond een verkeerde naam.|Rättelse: I en tidigare version angavs fel datum.|An earlier text gave a wrong number of houses; there are 61."
	inventedShorts      = "The vote is on Friday.|Both sides declined to comment.|The road stays closed until then.|It was her third win.|Die Ermittlungen dauern an.|Verletzt wurde niemand.|L'enquête se poursuit.|Nadie resultó herido.|La causa no se conoce.|Het onderzoek loopt nog.|A trial is due in May.|Then the lights went out.|\"We will be back,\" he said.|That was in March.|Nobody answered.|The case continues.|He died in 2019.|The family has been told.|Mehr ist nicht bekannt.|Der Prozess beginnt im Mai.|Dann wurde es still.|Elle a accepté.|Le procès est prévu en juin.|El juicio será en mayo.|La policía investiga.|L'indagine continua.|Nessuno è rimasto ferito.|A polícia investiga o caso.|Niemand raakte gewond.|Ingen skadades.|Politiet etterforsker saken.|Nikt nie ucierpiał.|Следствие продолжается.|경찰이 조사하고 있다.|警察が調べている。|目前无人受伤。|لم يصب أحد."
)
