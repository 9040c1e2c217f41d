package units

import "strings"

// rules are what a language adds to the sentence boundaries of UAX 29.
type rules struct {
	always   map[string]bool // abbreviations that never end a sentence
	often    map[string]bool // abbreviations that end one only before a word that starts sentences
	starters map[string]bool // words that, capitalised, start sentences
	ordinals bool            // a number and a dot are an ordinal
}

func set(words string) map[string]bool {
	list := map[string]bool{}
	for _, word := range strings.Fields(words) {
		list[word] = true
	}
	return list
}

// The tables are read only. Words are lower-case and without their last dot.
var (
	english = &rules{
		always: set(`mr mrs ms messrs dr prof rev hon gen col lt sgt capt cmdr cpl maj adm gov sen rep pres st
			ste mt ft vs v no nos fig figs approx e.g i.e cf viz al mssrs supt insp det pvt ph.d eds`),
		often: set(`u.s u.n u.k e.u a.m p.m jr sr inc co corp ltd llc bros dept est etc jan feb mar apr jun jul aug
			sep sept oct nov dec mon tue wed thu fri sat sun ave blvd rd univ assn d.c`),
		starters: set(`the a an this that these those he she it they we i you his her its their our my but and or so
			yet if when while after before since as at by for from in on of to with there here what who why how
			where however meanwhile still now then some many most more one two no not all both another`),
	}
	german = &rules{
		always: set(`hr fr dr prof dipl ing st str nr bzw bspw z.b d.h u.a z u d i ca vgl evtl ggf inkl zzgl abs art
			mio mrd tsd geb gest sog max min jh bd hrsg red verf`),
		often: set(`usw etc uhr jan feb mär apr jun jul aug sep sept okt nov dez mo di mi do sa so`),
		starters: set(`der die das den dem ein eine einer eines er sie es wir ich ihr man dies diese dieser dieses
			in im am an auf aus bei mit nach seit von vor zu zum zur für und aber doch auch noch nun da dann damit
			dabei dazu so wenn weil als wie was wer wo warum nicht viele alle beide seine ihre`),
		ordinals: true,
	}
	french = &rules{
		always: set(`m mm mme mlle mgr dr pr me st ste vol art n p pp chap fig cf env av bd éd apr j.-c`),
		often:  set(`etc janv févr avr juil sept oct nov déc`),
		starters: set(`le la les un une des il elle ils elles on nous je ce cet cette ces son sa ses leur leurs mais et
			ou donc or ni car si quand lorsque après avant depuis dans en sur pour par avec à au aux selon ainsi`),
	}
	spanish = &rules{
		always: set(`sr sra sres srta dr dra prof ud uds d dña gral cap tte ing lic art núm pág págs vol av avda tel
			fig aprox ej p.ej ee`),
		often: set(`etc ee.uu uu ene feb abr jun jul ago sept oct nov dic a.m p.m`),
		starters: set(`el la los las un una unos unas él ella ellos ellas este esta estos estas ese esa su sus pero y o
			si cuando mientras después antes desde en de con por para según así también no`),
	}
)

// rulesOf finds the rules of a BCP 47 tag.
func rulesOf(language string) *rules {
	switch primary(language) {
	case "de":
		return german
	case "fr":
		return french
	case "es":
		return spanish
	}
	return english
}

func primary(language string) string {
	if cut := strings.IndexAny(language, "-_"); cut >= 0 {
		language = language[:cut]
	}
	return strings.ToLower(language)
}

// Function words: they carry no statement of their own, so two sentences that share only these share nothing.
var (
	stopEnglish = set(`a an the and or but nor so yet if than then that this these those there here it its it's he him
		his she her hers they them their theirs we us our ours you your i me my who whom whose which what when where
		while why how as at by for from in into of off on onto out over to up down with without within about after
		before between during through under until again against all any both each few more most other some such no
		not only own same too very can could may might must shall should will would am is are was were be been being
		has have had having do does did also just said say says`)
	stopGerman = set(`der die das den dem des ein eine einer eines einem einen und oder aber doch wenn weil dass daß als
		wie so nur noch auch nicht kein keine er sie es wir ihr ich man sich sein seine seinem seiner ihre ihrer
		ihrem ihren dieser diese dieses in im an am auf aus bei mit nach seit von vor zu zum zur für über unter um
		durch gegen ohne bis ist sind war waren wird werden wurde wurden hat haben hatte hatten kann können soll
		sollen muss müssen`)
	stopFrench = set(`le la les l un une des du de d et ou mais donc or ni car si que qu qui quoi dont où il elle ils
		elles on nous vous je tu ce cet cette ces son sa ses leur leurs mon ma mes notre votre à au aux en dans sur
		sous par pour avec sans chez vers entre plus moins très ne n pas y se s est sont était étaient être été a
		ont avait avaient avoir fait comme aussi`)
	stopSpanish = set(`el la los las lo un una unos unas de del y e o u pero si que quien cual cuyo donde cuando como él
		ella ellos ellas nosotros yo tú usted este esta estos estas ese esa eso su sus mi mis al a en con por para
		sin sobre entre hasta desde más menos muy no ni se le les es son era eran ser sido fue fueron ha han había
		haber está están también ya`)
)

// Stops are the function words of some languages together.
type Stops []map[string]bool

// StopsOf finds the function words of BCP 47 tags; English where none is known.
func StopsOf(languages ...string) Stops {
	var list Stops
	seen := map[string]bool{}
	for _, language := range languages {
		tag := primary(language)
		table := map[string]map[string]bool{"en": stopEnglish, "de": stopGerman, "fr": stopFrench, "es": stopSpanish}[tag]
		if table != nil && !seen[tag] {
			seen[tag] = true
			list = append(list, table)
		}
	}
	if len(list) == 0 {
		return Stops{stopEnglish}
	}
	return list
}

// Has says whether a token (see Tokens) is a function word.
func (s Stops) Has(token string) bool {
	for _, table := range s {
		if table[token] {
			return true
		}
	}
	return false
}
