// Package newsroom invents articles and edits them as a newsroom does, and knows of every sentence what became of it:
// a known truth to measure a comparison of versions against. Everything it writes is made of its own vocabulary, in
// five scripts. The same seed gives the same articles and edits.
package newsroom

import "strings"

// Language is a vocabulary. Entries of several words are parted by spaces, also where the script has none.
type Language struct {
	Tag       string
	space     string // between words
	stop      string // ends a sentence
	and       string // joins two clauses into one sentence
	openQuote string
	endQuote  string
	comma     string
	heads     []string // syllables of invented names
	tails     []string
	roles     []string
	acts      []string // what somebody did: a verb in the past
	which     []string // adjectives
	things    []string
	wheres    []string // prepositions of place
	whens     []string // times without a number
	clauses   []string // what is said in quotation marks
	counted   []string
	templates []string
	furniture []string // lines that stand on many pages
	stamp     []string // lines that change with the clock: old, new
	notice    string   // a correction
	hedge     string
	source    string // names who said it: before a person
}

// Languages are all that are known. The last two were not looked at while the product's figures were chosen.
func Languages() []*Language { return []*Language{english(), russian(), hindi(), arabic(), chinese()} }

func list(text string) []string {
	var entries []string
	for entry := range strings.SplitSeq(text, ";") {
		entries = append(entries, strings.Join(strings.Fields(entry), " "))
	}
	return entries
}

func english() *Language {
	return &Language{
		Tag: "en", space: " ", stop: ".", and: "and", openQuote: "“", endQuote: "”", comma: ",",
		heads: strings.Fields("Bran Kes Orri Hal Mar Tol Vel Dun Ash Pem Lor Gris Sted Wen Fal Corm Ulm Yar Nes Tib"),
		tails: strings.Fields("dt trel ne ford low wick by den mere ton lund ver gard sby rick moor stead leigh"),
		roles: list(`mayor; councillor; inspector; ferry captain; head teacher; harbour master; surgeon; union leader;
			judge; shopkeeper; engineer; minister; coach; librarian; farmer; spokeswoman`),
		acts: list(`opened; closed; refused to sign; counted; described; promised; cancelled; inspected; sold; bought back;
			photographed; repaired; abandoned; defended; questioned; praised; flooded; measured; painted; rebuilt; delayed;
			signed; withdrew; searched; guarded; unveiled; emptied; surveyed; rejected; approved; lost; found; hid; planned`),
		which: list(`northern; rusty; half-built; forgotten; municipal; wooden; disputed; temporary; narrow; insured; secret;
			crowded; heated; unsafe; listed; borrowed; frozen; costly; abandoned; damp; striped; floating; private; electric`),
		things: list(`depot; harbour contract; lanterns; flood wall; winter market; trams; footbridge; archive; boiler house;
			swimming pool; grain store; ferry timetable; bus lanes; orchard; clock tower; school roof; cable; weir; bakery;
			choir; museum ship; ice rink; quarry; water main; greenhouse; customs shed; lighthouse; theatre; allotments;
			car park; cycle path; bell; quay; chapel; slipway; pumping station; nursery; viaduct; drainage plan; tax rebate`),
		wheres: list("near; outside; beside; behind; above; opposite; south of"),
		whens: list(`on Monday morning; late on Tuesday; after the storm; before the vote; for the second time; during the
			parade; without a word; last winter; at low tide; in front of cameras; on Friday; over the weekend`),
		clauses: list(`we lost everything that night; nobody told us the truth about the money; it is a good day for the
			whole street; they came with lamps and left with nothing; the water rose faster than any of us could run; I will
			not sign what I have not read; our children deserve a warmer room; this was never about the trams; you cannot
			rebuild trust with paint; we shall pay every crown of it back`),
		counted: list("people; boats; crowns; lanterns; households; tonnes; pupils; tickets; kilometres; volunteers"),
		templates: []string{
			"The {role} {person} {act} the {which} {thing} {where} {place} {when}",
			"{number} {counted} were missing {where} the {which} {thing} {when}, the {role} said",
			"“{clause},” said {person} {where} the {thing} {when}",
			"In {place} the {role} {act} the {thing}, which had cost {money} {when}",
			"A {which} {thing} and {number} {counted} remain {where} {place}, {person} wrote",
			"{when} {person} {act} a {which} {thing}; it had been {which} since {year}",
			"The {role} called the {thing} “{which} and {which}” and {act} it at {clock}",
			"Police {where} {place} said that {person} had {act} the {which} {thing} at {clock}",
			"According to the {role}, {number} of {number} {counted} were {which} when the {thing} was {act}",
			"Neither {person} nor the {role} of {place} would say why the {thing} was {act} {when}",
		},
		furniture: []string{"Read more in our harbour letter, free every Friday.", "Advertisement", "Share this story with a neighbour.",
			"Our reporters answer your questions every week."},
		stamp:  []string{"Last updated 10:30 on Monday", "Last updated 16:05 on Monday"},
		notice: "Correction: an earlier version of this article gave a wrong figure.",
		hedge:  "allegedly", source: "according to",
	}
}

func russian() *Language {
	return &Language{
		Tag: "ru", space: " ", stop: ".", and: "и", openQuote: "«", endQuote: "»", comma: ",",
		heads: strings.Fields("Бра Кес Орри Ха Мар Тол Вел Дун Аш Пем Лор Грис Стед Вен Фал Корм"),
		tails: strings.Fields("дин трел нов форд лов вик бин ден мер тон лунд верин гард рик мур"),
		roles: list(`мэр; советник; следователь; капитан парома; директор школы; начальник порта; хирург; судья; лавочник;
			инженер; министр; тренер; библиотекарь; фермер`),
		acts: list(`открыл; закрыл; пересчитал; описал; обещал; отменил; осмотрел; продал; выкупил; починил; бросил; защитил;
			похвалил; затопил; измерил; покрасил; перестроил; отложил; подписал; отозвал; обыскал; одобрил; потерял; нашёл`),
		which: list(`северный; ржавый; забытый; городской; деревянный; спорный; временный; узкий; тайный; людный; тёплый;
			опасный; замёрзший; дорогой; сырой; плавучий; частный; пустой`),
		things: list(`склад; договор; фонарь; вал; рынок; трамвай; мост; архив; бассейн; амбар; сад; кабель; завод; хор; музей;
			каток; карьер; водопровод; маяк; театр; причал; колокол; насос; вокзал; огород; канал`),
		wheres: list("у; возле; за; напротив; около; рядом с"),
		whens:  list("в понедельник утром; поздно во вторник; после бури; перед голосованием; прошлой зимой; во время парада; в пятницу; на выходных; молча; второй раз"),
		clauses: list(`мы потеряли всё в ту ночь; никто не сказал нам правды о деньгах; это хороший день для всей улицы; вода
			поднималась быстрее чем мы бежали; я не подпишу того чего не читал; нашим детям нужна тёплая комната; мы вернём каждую крону`),
		counted: list("человек; лодок; крон; фонарей; домов; тонн; учеников; билетов"),
		templates: []string{
			"{role} {person} {act} {which} {thing} {where} {place} {when}",
			"{when} пропало {number} {counted} {where} {place}, где {role} {act} {which} {thing}",
			"«{clause}», сказал {person} {where} {place} {when}",
			"В городе {place} {role} {act} {thing}, который стоил {number} {counted} {when}",
			"{which} {thing} и {number} {counted} остаются {where} {place}, написал {person}",
			"Полиция сообщила, что {person} {act} {which} {thing} в {clock} {where} {place}",
			"Ни {person}, ни {role} не объяснили, почему {thing} был {which} {when}",
		},
		furniture: []string{"Читайте нас каждую пятницу.", "Реклама", "Поделитесь этой новостью."},
		stamp:     []string{"Обновлено: 10:30", "Обновлено: 16:05"},
		notice:    "Исправление: в предыдущей версии статьи была указана неверная цифра.",
	}
}
