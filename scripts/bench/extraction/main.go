// Command extraction measures how well stet reads articles, against pages with a known truth, and how steady its reading
// is while the page around an article changes.
//
//	extraction --stet bin/stet --data pages.tar [--data more.tar] [--snippets folder] [--only bodies,edits]
//
// A data file is a tar of html/ID.html.gz and ground-truth.json: an object from ID to articleBody, url and, where known,
// title, standfirst, byline, published and publisher. The product comes in by its public door, the filter
// `stet inspect page --jsonl`. Every publisher belongs to one of two parts: "developed on", or "held out" (one in three, by
// a digest of its name), and the figures stand apart.
//
// Bodies are compared as bags of runs of four words; precision and recall are means over the pages, F1 is taken from the
// two means, and accuracy is the share of pages whose words are exactly the expected ones. A false revision is a
// difference in anything that makes a version (title, standfirst, byline, blocks) though only furniture changed; a missed
// edit is none though the article changed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

func main() {
	var data []string
	flag.Func("data", "tar file with pages and ground truth; may be given several times", func(file string) error {
		data = append(data, file)
		return nil
	})
	b := bench{out: os.Stdout}
	flag.Func("stet", "the stet binary; of several, each reads its part of the publishers, as models grown by cross-validation must", func(file string) error {
		b.stets = append(b.stets, file)
		return nil
	})
	flag.StringVar(&b.snippets, "snippets", "", "folder with labels.json and pages/, for texts that must and must not be found")
	only := flag.String("only", "", "tables to print, comma-separated: bodies, metadata, snippets, furniture, edits, hostile, speed; all if empty")
	flag.IntVar(&b.sample, "sample", 1, "read every Nth page only in the tables of furniture and edits, which read each page some 200 times")
	flag.BoolVar(&b.list, "list", false, "also name the cases that went wrong")
	flag.BoolVar(&b.first, "first", false, "of the tables of furniture and edits print those at first sight alone")
	flag.Func("part", "developed: read the publishers developed on alone, so that work on the extractor does not see the others; held: those alone", func(part string) error {
		if part != "developed" && part != "held" {
			return errors.New("neither developed nor held")
		}
		b.part = part
		return nil
	})
	flag.Parse()
	b.only = strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	if err := b.run(data); err != nil {
		fmt.Fprintln(os.Stderr, "extraction:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	out      io.Writer
	stets    []string
	snippets string
	only     []string
	list     bool
	first    bool   // sites are not remembered
	part     string // the part that is read, empty for both
	sample   int
	pages    []page
	patterns map[string]*mutate.Tree // by page id
}

func (b *bench) run(data []string) error {
	if len(data) == 0 && b.snippets == "" && !slices.Equal(b.only, []string{"hostile"}) {
		return errors.New("--data is missing")
	}
	if len(b.stets) == 0 {
		b.stets = []string{"stet"}
	}
	if b.wanted("hostile") {
		if err := b.hostileTable(); err != nil {
			return fmt.Errorf("measuring hostile pages: %w", err)
		}
	}
	for _, file := range data {
		set, err := load(file)
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		if b.part != "" {
			set = parts(set, b.part == "held")
		}
		b.pages = append(b.pages, set...)
		if b.wanted("bodies") {
			if err := b.bodies(file, set); err != nil {
				return fmt.Errorf("measuring bodies: %w", err)
			}
		}
	}
	whole := b.pages
	for _, table := range []struct {
		name string
		run  func() error
	}{
		{"metadata", b.metadata}, {"snippets", b.snippetTable}, {"furniture", b.furnitureTables}, {"edits", b.editTables}, {"speed", b.speed},
	} {
		if !b.wanted(table.name) {
			continue
		}
		b.pages = whole
		if table.name == "furniture" || table.name == "edits" {
			b.pages = b.sampled()
		}
		if err := table.run(); err != nil {
			return fmt.Errorf("measuring %s: %w", table.name, err)
		}
	}
	return nil
}

// sampled are whole sites, so that a site's memory learns as it would.
func (b *bench) sampled() []page {
	var chosen []page
	order := make(map[string]int)
	for _, p := range b.pages {
		at, ok := order[p.site]
		if !ok {
			at = len(order)
			order[p.site] = at
		}
		if at%max(b.sample, 1) == 0 {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func (b *bench) wanted(table string) bool {
	for _, name := range b.only {
		if name == table {
			return true
		}
	}
	return len(b.only) == 0
}

// read asks for plain readings of pages.
func (b *bench) read(set []page) (map[string]answer, error) {
	answers := make(map[string]answer, len(set))
	err := ask(b.stets, func(yield func(request) bool) {
		for _, p := range set {
			if !yield(request{id: p.id, url: p.url, publisher: p.site, html: p.html}) {
				return
			}
		}
	}, func(a answer) { answers[a.ID] = a })
	return answers, err
}

// parts gives the pages of one side of the split.
func parts(set []page, held bool) []page {
	var chosen []page
	for _, p := range set {
		if p.held == held {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func (b *bench) bodies(file string, set []page) error {
	answers, err := b.read(set)
	if err != nil {
		return err
	}
	table := b.table("bodies of "+file[strings.LastIndexByte(file, '/')+1:], "part", "pages", "with title", "with body", "F1", "precision", "recall", "accuracy")
	for _, part := range []struct {
		name string
		set  []page
	}{{"developed on", parts(set, false)}, {"held out", parts(set, true)}, {"all", set}} {
		r := compare(part.set, answers)
		f1, precision, recall, accuracy := r.f1()
		table.row(part.name, fmt.Sprint(r.pages), fmt.Sprint(r.titled), fmt.Sprint(r.bodied), fmt.Sprintf("%.4f", f1),
			fmt.Sprintf("%.4f", precision), fmt.Sprintf("%.4f", recall), fmt.Sprintf("%.4f", accuracy))
	}
	table.end()
	if b.list {
		for _, p := range set {
			r := compare([]page{p}, answers)
			if f1, precision, recall, _ := r.f1(); f1 < .95 {
				fmt.Fprintf(b.out, "%s (held out: %v): F1 %.2f, precision %.2f, recall %.2f\n", p.id, p.held, f1, precision, recall)
			}
		}
	}
	return nil
}

// table is printed in columns.
type table struct {
	writer *tabwriter.Writer
	out    io.Writer
}

func (b *bench) table(title string, columns ...string) table {
	fmt.Fprintf(b.out, "\n%s\n", title)
	t := table{writer: tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0), out: b.out}
	t.row(columns...)
	return t
}

func (t table) row(cells ...string) { fmt.Fprintln(t.writer, strings.Join(cells, "\t")) }

func (t table) end() { t.writer.Flush() } // an output that cannot be written to shows by itself
