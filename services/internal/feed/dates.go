package feed

import (
	"strconv"
	"strings"
	"time"
)

// months are the names of months as they begin in the languages whose feeds write dates in words, without accents. The
// parser knows the English ones. A longer beginning comes before a shorter one that it contains.
var months = [...]struct {
	begins string
	month  time.Month
}{
	{"janv", 1}, {"jan", 1}, {"ene", 1}, {"gen", 1}, {"fev", 2}, {"feb", 2}, {"mars", 3}, {"mar", 3}, {"maer", 3}, {"maa", 3},
	{"mrt", 3}, {"avr", 4}, {"apr", 4}, {"abr", 4}, {"mai", 5}, {"may", 5}, {"mei", 5}, {"mag", 5}, {"juin", 6}, {"jun", 6},
	{"giu", 6}, {"juil", 7}, {"jul", 7}, {"lug", 7}, {"aout", 8}, {"aug", 8}, {"ago", 8}, {"sep", 9}, {"set", 9}, {"oct", 10},
	{"okt", 10}, {"ott", 10}, {"out", 10}, {"nov", 11}, {"dec", 12}, {"dez", 12}, {"dic", 12},
}

// zones are the names of time zones in Europe, in hours east of Greenwich.
var zones = map[string]int{
	"z": 0, "gmt": 0, "utc": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
}

var unaccented = strings.NewReplacer("é", "e", "è", "e", "û", "u", "ä", "ae", "ç", "c", "ì", "i", ".", " ", ",", " ", "à", " ")

// maxDate bounds the text of a date in bytes.
const maxDate = 100

// looseDate reads a day, the name of a month, a year and perhaps a time, in this order, in a language other than
// English; nil for anything else. Where no zone is given it is taken for UTC, which can be wrong by hours.
func looseDate(text string) *time.Time {
	if len(text) > maxDate {
		return nil
	}
	var d written
	for _, word := range strings.Fields(unaccented.Replace(strings.ToLower(text))) {
		d.add(word)
	}
	date := time.Date(d.year, d.month, d.day, d.hour, d.minute, d.second, 0, time.UTC)
	if d.year == 0 || d.month == 0 || date.Day() != d.day {
		return nil
	}
	date = date.Add(-d.offset)
	return &date
}

// written is a date of which some words have been read.
type written struct {
	day, year, hour, minute, second int
	month                           time.Month
	offset                          time.Duration // east of Greenwich
}

func (d *written) add(word string) {
	number, err := strconv.Atoi(word)
	isNumber := err == nil && word[0] != '+' && word[0] != '-'
	hours, named := zones[word]
	switch {
	case d.month == 0 && isNumber:
		d.day = number
	case d.month == 0 && d.day > 0: // what comes before the day is the name of a weekday, such as mardi
		d.month = monthOf(word)
	case d.year == 0 && isNumber && number >= 1990 && number < 2100:
		d.year = number
	case strings.ContainsAny(word[1:], ":h") && word[0] >= '0' && word[0] <= '9':
		d.clock(word)
	case named:
		d.offset = time.Duration(hours) * time.Hour
	case word[0] == '+' || word[0] == '-':
		d.zone(word)
	}
}

func monthOf(word string) time.Month {
	for _, m := range months {
		if strings.HasPrefix(word, m.begins) {
			return m.month
		}
	}
	return 0
}

// clock reads 10:30, 10:30:05, 10h30 and 10h.
func (d *written) clock(word string) {
	parts := strings.Split(strings.TrimSuffix(strings.ReplaceAll(word, "h", ":"), ":"), ":")
	bounds := [...]int{23, 59, 60}
	var values [3]int
	for i, part := range parts {
		if i == len(bounds) {
			return
		}
		value, err := strconv.Atoi(part)
		if err != nil || value < 0 || value > bounds[i] {
			return
		}
		values[i] = value
	}
	d.hour, d.minute, d.second = values[0], values[1], values[2]
}

// zone reads +0200 and +02:00.
func (d *written) zone(word string) {
	number, err := strconv.Atoi(strings.Replace(word, ":", "", 1))
	if err == nil && number >= -1400 && number <= 1400 {
		d.offset = time.Duration(number/100)*time.Hour + time.Duration(number%100)*time.Minute
	}
}
