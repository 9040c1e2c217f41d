package describe

import "strings"

// lexicon is what a language calls the things that facts are told by. Words are lower-case.
type lexicon struct {
	months, weekdays map[string]bool
	numerals         map[string]string // words for numbers, with their figures
	measures         map[string]bool   // words that belong to the number before them
	clockWords       map[string]bool   // words that make the number before them a time of day
	hedges           []string          // words and phrases of doubt
	negations        map[string]bool
	saying           map[string]bool // verbs that tell who said something
	accordingTo      []string        // phrases that a source follows
	titles           map[string]bool // words before a name that are not part of it
	articles         map[string]bool
	caseless         bool // names cannot be told by their capitals alone
	decimalComma     bool
	spaceless        bool
	verbFirst        bool // who said it stands after the verb
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}

func phrases(text string) []string {
	var list []string
	for phrase := range strings.SplitSeq(text, ";") {
		list = append(list, strings.Join(strings.Fields(phrase), " "))
	}
	return list
}

func numerals(text string) map[string]string {
	list := map[string]string{}
	fields := strings.Fields(text)
	for i := 0; i+1 < len(fields); i += 2 {
		list[fields[i]] = fields[i+1]
	}
	return list
}

// lexiconOf finds the lexicon of the first language of some BCP 47 tags that has one; English where none has.
func lexiconOf(tags ...string) *lexicon {
	for _, tag := range tags {
		if cut := strings.IndexAny(tag, "-_"); cut >= 0 {
			tag = tag[:cut]
		}
		if l := lexicons[strings.ToLower(tag)]; l != nil {
			return l
		}
	}
	return lexicons["en"]
}

// lexicons are read only.
var lexicons = map[string]*lexicon{
	"en": {
		months: words(`january february march april may june july august september october november december jan feb mar apr
			jun jul aug sep sept oct nov dec`),
		weekdays: words("monday tuesday wednesday thursday friday saturday sunday"),
		numerals: numerals(`two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 thirteen 13
			fourteen 14 fifteen 15 sixteen 16 seventeen 17 eighteen 18 nineteen 19 twenty 20 thirty 30 forty 40 fifty 50
			sixty 60 seventy 70 eighty 80 ninety 90 hundred 100 dozen 12 dozens dozens hundreds hundreds thousands thousands`),
		measures: words(`million billion trillion thousand hundred m bn percent per cent points km kilometres kilometers miles
			metres meters feet tonnes tons kg dollars euros pounds crowns pence cents degrees hectares acres litres mph`),
		clockWords: words("am pm a.m p.m a.m. p.m. o'clock noon gmt"),
		hedges: phrases(`allegedly; alleged; reportedly; reported to; apparently; appears to; appear to; seems to; supposedly;
			purportedly; purported; suspected; believed to; thought to; understood to; said to be; claimed to; may have;
			might have; could have; possibly; probably; perhaps; likely; unconfirmed; presumably; so-called`),
		negations:   words("not no never none nobody nothing neither nor without cannot can't won't didn't doesn't isn't wasn't don't hasn't haven't weren't aren't wouldn't"),
		saying:      words("said says told tells added adds wrote writes argued warned explained claimed announced confirmed denied insisted"),
		accordingTo: phrases("according to; quoted by; citing; as reported by"),
		titles: words(`mr mrs ms miss dr prof sir dame lord lady mayor president minister councillor senator inspector judge
			captain sergeant officer king queen prince princess pope bishop reverend professor doctor chief deputy
			governor secretary chancellor director coach`),
		articles: words("the a an"),
	},
	"de": {
		months:       words("januar februar märz april mai juni juli august september oktober november dezember"),
		weekdays:     words("montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag montags freitags"),
		numerals:     numerals("zwei 2 drei 3 vier 4 fünf 5 sechs 6 sieben 7 acht 8 neun 9 zehn 10 elf 11 zwölf 12 zwanzig 20 dutzend 12 hundert 100"),
		measures:     words("prozent millionen million milliarden milliarde tausend mio mrd euro kilometer km meter tonnen kronen grad hektar liter"),
		clockWords:   words("uhr"),
		hedges:       phrases("angeblich; mutmaßlich; mutmaßliche; mutmaßlichen; offenbar; vermutlich; möglicherweise; womöglich; wohl; vielleicht; soll; sollen; anscheinend; sogenannte"),
		negations:    words("nicht kein keine keinen keiner keinem nie niemals niemand nichts weder ohne"),
		saying:       words("sagte sagt erklärte betonte meinte schrieb ergänzte kündigte bestätigte teilte"),
		accordingTo:  phrases("laut; nach angaben von; nach angaben der; nach angaben des; zufolge"),
		titles:       words("herr frau dr prof bürgermeister bürgermeisterin minister ministerin präsident präsidentin stadtrat richter"),
		articles:     words("der die das den dem des ein eine einem einen einer"),
		caseless:     true,
		decimalComma: true,
	},
	"fr": {
		months:       words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
		weekdays:     words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
		numerals:     numerals("deux 2 trois 3 quatre 4 cinq 5 six 6 sept 7 huit 8 neuf 9 dix 10 onze 11 douze 12 vingt 20 douzaine 12 cent 100"),
		measures:     words("million millions milliard milliards mille euros euro kilomètres km mètres tonnes couronnes degrés hectares litres"),
		clockWords:   words("heures heure h"),
		hedges:       phrases("présumé; présumée; présumés; apparemment; probablement; peut-être; sans doute; supposé; supposée; prétendu; il semble; aurait; auraient; serait; seraient"),
		negations:    words("pas jamais aucun aucune rien personne ni sans"),
		saying:       words("dit déclare déclaré affirme affirmé explique expliqué ajoute ajouté précise précisé annoncé confirmé"),
		accordingTo:  phrases("selon; d'après; d’après; cité par"),
		titles:       words("m mme mlle dr maire président présidente ministre juge"),
		articles:     words("le la les l un une des"),
		decimalComma: true,
	},
	"es": {
		months:       words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
		weekdays:     words("lunes martes miércoles jueves viernes sábado domingo"),
		numerals:     numerals("dos 2 tres 3 cuatro 4 cinco 5 seis 6 siete 7 ocho 8 nueve 9 diez 10 once 11 doce 12 veinte 20 docena 12 cien 100"),
		measures:     words("millón millones mil euros euro kilómetros km metros toneladas coronas grados hectáreas litros"),
		clockWords:   words("horas h"),
		hedges:       phrases("presunto; presunta; presuntamente; supuesto; supuesta; supuestamente; al parecer; aparentemente; posiblemente; probablemente; quizás; tal vez; habría; habrían"),
		negations:    words("no nunca jamás nadie nada ningún ninguna ninguno ni sin tampoco"),
		saying:       words("dijo dice afirmó explicó añadió señaló declaró anunció confirmó escribió"),
		accordingTo:  phrases("según; de acuerdo con"),
		titles:       words("sr sra don doña dr dra alcalde alcaldesa presidente presidenta ministro ministra juez"),
		articles:     words("el la los las un una"),
		decimalComma: true,
	},
	"ru": {
		months:       words("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
		weekdays:     words("понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье"),
		numerals:     numerals("два 2 две 2 три 3 четыре 4 пять 5 шесть 6 семь 7 восемь 8 девять 9 десять 10 двенадцать 12 двадцать 20 сто 100"),
		measures:     words("тысяч тысячи миллион миллиона миллионов миллиард миллиарда миллиардов процентов процента рублей крон евро километров км метров тонн градусов"),
		clockWords:   words("часов часа"),
		hedges:       phrases("якобы; предположительно; предполагаемый; предполагаемого; возможно; вероятно; по-видимому; видимо; наверное; так называемый"),
		negations:    words("не нет ни никогда никто ничего без нельзя"),
		saying:       words("сказал сказала заявил заявила сообщил сообщила сообщили добавил добавила отметил написал написала"),
		accordingTo:  phrases("по словам; по данным; согласно; со ссылкой на"),
		titles:       words("мэр президент министр судья советник господин госпожа"),
		decimalComma: true,
	},
	"hi": {
		weekdays:    words("सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार"),
		measures:    words("लाख करोड़ हज़ार प्रतिशत किलोमीटर रुपये"),
		clockWords:  words("बजे"),
		hedges:      phrases("कथित; कथित तौर पर; शायद; संभवतः"),
		negations:   words("नहीं न मत बिना"),
		accordingTo: phrases("के अनुसार"),
		caseless:    true,
	},
	"ar": {
		weekdays:    words("الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"),
		measures:    words("مليون مليار ألف بالمئة كيلومتر"),
		hedges:      phrases("يزعم; ربما; المزعوم; المزعومة; المشتبه; على ما يبدو"),
		negations:   words("لا لم لن ليس ليست بدون دون غير"),
		saying:      words("قال قالت أضاف أضافت ذكر أعلن"),
		accordingTo: phrases("وفقا ل; بحسب; نقلا عن"),
		caseless:    true,
		verbFirst:   true,
	},
	"zh": {
		measures:    words("万 亿 千 百 元 公里 吨"),
		hedges:      phrases("据称; 据报道; 据说; 涉嫌; 疑似; 可能; 或许; 所谓"),
		negations:   words("不 没 未 无"),
		accordingTo: phrases("根据"),
		caseless:    true,
		spaceless:   true,
	},
}
