package units

import "strings"

// rules are what a language adds to the sentence boundaries of UAX 29.
type rules struct {
	always   map[string]bool // abbreviations that never end a sentence
	often    map[string]bool // abbreviations that end one only before a word that starts sentences
	starters map[string]bool // words that, capitalised, start sentences
	saying   map[string]bool // verbs that tell who said what was quoted
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
			ste mt ft vs v no nos fig figs approx e.g i.e cf viz al mssrs supt insp det pvt ph.d eds
			p pp vol ch sec art para ext tel ed eq ver`),
		often: set(`u.s u.n u.k e.u a.m p.m jr sr inc co corp ltd llc bros dept est etc jan feb mar apr jun jul aug
			sep sept oct nov dec mon tue wed thu fri sat sun ave blvd rd univ assn d.c`),
		starters: set(`the a an this that these those he she it they we i you his her its their our my but and or so
			yet if when while after before since as at by for from in on of to with there here what who why how
			where however meanwhile still now then some many most more one two no not all both another
			nobody everybody somebody everyone someone nothing everything none each few`),
		saying: set(`said says asked asks added adds told tells wrote writes replied shouted cried insisted argued warned
			explained recalled demanded joked answered noted`),
	}
	german = &rules{
		always: set(`hr fr dr prof dipl ing st str nr bzw bspw z.b d.h u.a z u d i ca vgl evtl ggf inkl zzgl abs art
			mio mrd tsd geb gest sog max min jh bd hrsg red verf`),
		often: set(`usw etc uhr jan feb mär apr jun jul aug sep sept okt nov dez mo di mi do sa so`),
		starters: set(`der die das den dem ein eine einer eines er sie es wir ich ihr man dies diese dieser dieses
			in im am an auf aus bei mit nach seit von vor zu zum zur für und aber doch auch noch nun da dann damit
			dabei dazu so wenn weil als wie was wer wo warum nicht viele alle beide seine ihre`),
		saying:   set(`sagte sagt fragte fragt rief erklärte betonte meinte schrieb ergänzte`),
		ordinals: true,
	}
	french = &rules{
		always: set(`m mm mme mlle mgr dr pr me st ste vol art n p pp chap fig cf env av bd éd apr j.-c`),
		often:  set(`etc janv févr avr juil sept oct nov déc`),
		starters: set(`le la les un une des il elle ils elles on nous je ce cet cette ces son sa ses leur leurs mais et
			ou donc or ni car si quand lorsque après avant depuis dans en sur pour par avec à au aux selon ainsi`),
		saying: set(`dit demande ajoute explique affirme précise écrit répond déclare lance`),
	}
	spanish = &rules{
		always: set(`sr sra sres srta dr dra prof ud uds d dña gral cap tte ing lic art núm pág págs vol av avda tel
			fig aprox ej p.ej ee`),
		often: set(`etc ee.uu uu ene feb abr jun jul ago sept oct nov dic a.m p.m`),
		starters: set(`el la los las un una unos unas él ella ellos ellas este esta estos estas ese esa su sus pero y o
			si cuando mientras después antes desde en de con por para según así también no`),
		saying: set(`dijo dice preguntó pregunta añadió explicó afirmó escribió respondió señaló`),
	}
	italian = &rules{
		always: set(`sig sigg dott avv ing prof on sen mons p pp cap art n vol ca cfr es pag dr rag geom arch`),
		often:  set(`ecc a.c d.c gen feb mar apr mag giu lug ago set ott nov dic`),
		starters: set(`il lo la i gli le un uno una lui lei loro noi voi io questo questa questi queste suo sua ma e o se
			quando mentre dopo prima da in con su per tra fra secondo così non`),
		saying: set(`disse dice chiese ha aggiunse spiegò scrisse rispose`),
	}
	portuguese = &rules{
		always: set(`sr sra srs dr dra prof profa eng av art n p pág vol cap ex d gen`),
		often:  set(`etc jan fev mar abr mai jun jul ago set out nov dez`),
		starters: set(`o a os as um uma ele ela eles elas este esta isso seu sua mas e ou se quando enquanto depois antes
			desde em de com por para segundo assim também não`),
		saying: set(`disse diz perguntou acrescentou explicou afirmou escreveu respondeu`),
	}
	dutch = &rules{
		always: set(`dhr mw mevr dr drs ir ing prof mr ds st bijv o.a d.w.z nr blz p ca resp t.a.v m.b.t`),
		often:  set(`enz etc jan feb mrt apr jun jul aug sept okt nov dec`),
		starters: set(`de het een hij zij ze wij we ik dit dat deze die zijn haar hun maar en of als toen terwijl na voor
			sinds in op met van door volgens zo ook niet er`),
		saying: set(`zei zegt vroeg vroeg schreef antwoordde vertelde`),
	}
	russian = &rules{
		always: set(`г гг ул д им т тт тыс млн млрд руб коп стр проф акад св см напр кв обл р`),
		often:  set(`др пр т.д т.п т.е н.э янв февр апр авг сент окт нояб дек`),
		starters: set(`он она они оно мы вы я это этот эта эти его её их но и а или если когда пока после до с в на из по
			при для от как так там тут теперь не`),
		saying: set(`сказал сказала говорит спросил спросила ответил ответила заявил заявила добавил добавила`),
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
	case "it":
		return italian
	case "pt":
		return portuguese
	case "nl":
		return dutch
	case "ru":
		return russian
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
	stopItalian = set(`il lo la i gli le l un uno una di del dello della dei degli delle e o ma se che chi cui non si è sono
		era erano stato stata ha hanno aveva avevano in nel nella nei su sul sulla per con da dal dalla tra fra a al alla
		ai come anche più suo sua suoi sue questo questa ci ne lui lei loro`)
	stopPortuguese = set(`o a os as um uma uns umas de do da dos das e ou mas se que quem não é são era eram foi foram ser
		tem têm tinha em no na nos nas por pelo pela para com sem sobre entre até como também mais seu sua seus suas este
		esta isso ele ela eles elas ao à`)
	stopDutch = set(`de het een en of maar als dan dat die dit deze er hij zij ze wij we ik je u zich zijn haar hun is was
		waren werd worden wordt heeft hebben had in op aan van voor met door bij naar om over uit tot niet geen ook nog
		maar al te`)
	stopRussian = set(`и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее её мне было вот от
		меня о из ему когда даже ну ли если уже или ни быть был была были него до вас их они мы это этот эта эти для при
		под над без через после перед также который которая которые которого того`)
	stopHindi = set(`का के की को में से पर ने और है हैं था थे थी कि यह वह ये वे एक भी ही तो जो हो गया गई गए कर किया लिए साथ
		इस उस इन उन अपने अपनी नहीं या तक`)
	stopArabic = set(`في من على إلى عن مع أن إن كان كانت هذا هذه ذلك التي الذي و أو ثم لا لم لن ما قد كل بعد قبل حيث كما
		هو هي هم بين عند أي`)
)

// stops are the function words by language. They are read only.
var stops = map[string]map[string]bool{"en": stopEnglish, "de": stopGerman, "fr": stopFrench, "es": stopSpanish, "it": stopItalian,
	"pt": stopPortuguese, "nl": stopDutch, "ru": stopRussian, "hi": stopHindi, "ar": stopArabic}

// Stops are the function words of some languages together.
type Stops []map[string]bool

// StopsOf finds the function words of BCP 47 tags; English where none is known.
func StopsOf(languages ...string) Stops {
	var list Stops
	seen := map[string]bool{}
	for _, language := range languages {
		tag := primary(language)
		if table := stops[tag]; table != nil && !seen[tag] {
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
