// Command extraction measures how well stet finds the text of articles, against pages with a known text.
//
//	extraction --data benchmark.tar --stet bin/stet
//
// The data is a tar file with html/ID.html.gz and ground-truth.json: an object from ID to articleBody and url. The
// product comes in by its public door, the filter `stet inspect page --jsonl`. Texts are compared as bags of runs of four
// words; precision and recall are means over the pages, F1 is taken from the two means, and accuracy is the share of
// pages whose words are exactly the expected ones.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"
)

func main() {
	data := flag.String("data", "", "tar file with pages and ground truth")
	stet := flag.String("stet", "stet", "the stet binary")
	flag.Parse()
	if err := run(os.Stdout, *data, *stet); err != nil {
		fmt.Fprintln(os.Stderr, "extraction:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, data, stet string) error {
	if data == "" {
		return errors.New("--data is missing")
	}
	set, err := load(data)
	if err != nil {
		return fmt.Errorf("reading %s: %w", data, err)
	}
	start := time.Now()
	answers, err := ask(stet, set)
	if err != nil {
		return fmt.Errorf("asking %s: %w", stet, err)
	}
	return report(out, compare(set, answers), time.Since(start))
}

// page is one page with the text that should be found.
type page struct{ id, url, html, want string }

// maxPage bounds one unpacked page.
const maxPage = 64 << 20

func load(file string) ([]page, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	truth := make(map[string]struct{ ArticleBody, URL string })
	bodies := make(map[string]string)
	for archive := tar.NewReader(f); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		name := path.Base(header.Name)
		switch {
		case name == "ground-truth.json":
			err = json.NewDecoder(archive).Decode(&truth)
		case strings.HasSuffix(name, ".html.gz"):
			bodies[strings.TrimSuffix(name, ".html.gz")], err = unpack(archive)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
	}
	var set []page
	for id, expected := range truth {
		if html, ok := bodies[id]; ok {
			set = append(set, page{id: id, url: expected.URL, html: html, want: expected.ArticleBody})
		}
	}
	if len(set) == 0 {
		return nil, errors.New("no page has a ground truth")
	}
	slices.SortFunc(set, func(a, b page) int { return strings.Compare(a.id, b.id) })
	return set, nil
}

func unpack(r io.Reader) (string, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxPage))
	return string(text), err
}

// answer is what is read of the filter's answer.
type answer struct {
	ID       string `json:"id"`
	Snapshot struct {
		Title string `json:"title"`
		Body  string `json:"body"`
	} `json:"snapshot"`
}

// ask sends every page through the filter.
func ask(stet string, set []page) (map[string]answer, error) {
	var requests bytes.Buffer
	encoder := json.NewEncoder(&requests)
	encoder.SetEscapeHTML(false)
	for _, p := range set {
		request := map[string]string{"id": p.id, "url": p.url, "html": p.html}
		if !utf8.ValidString(p.html) { // JSON would spoil the bytes
			request = map[string]string{"id": p.id, "url": p.url, "contentType": "text/html",
				"bodyBase64": base64.StdEncoding.EncodeToString([]byte(p.html))}
		}
		if err := encoder.Encode(request); err != nil {
			return nil, err
		}
	}
	filter := exec.Command(stet, "inspect", "page", "--jsonl")
	filter.Stdin, filter.Stderr = &requests, os.Stderr
	replies, err := filter.Output()
	if err != nil {
		return nil, err
	}
	answers := make(map[string]answer, len(set))
	decoder := json.NewDecoder(bufio.NewReader(bytes.NewReader(replies)))
	for {
		var a answer
		if err := decoder.Decode(&a); err == io.EOF {
			return answers, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading answers: %w", err)
		}
		answers[a.ID] = a
	}
}

// result sums up a run.
type result struct {
	pages, answered, titled, bodied, exact int
	precision, recall                      float64 // sums over the pages
}

func compare(set []page, answers map[string]answer) result {
	sum := result{pages: len(set)}
	for _, p := range set {
		a, ok := answers[p.id]
		if ok {
			sum.answered++
		}
		if a.Snapshot.Title != "" {
			sum.titled++
		}
		if a.Snapshot.Body != "" {
			sum.bodied++
		}
		want, got := words(p.want), words(a.Snapshot.Body)
		if slices.Equal(want, got) {
			sum.exact++
		}
		precision, recall := score(shingles(want), shingles(got))
		sum.precision += precision
		sum.recall += recall
	}
	return sum
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
}

// shingles counts the runs of four words; a shorter text is one run.
func shingles(text []string) map[string]int {
	const run = 4
	counts := make(map[string]int)
	if len(text) > 0 && len(text) < run {
		counts[strings.Join(text, " ")]++
	}
	for i := 0; i+run <= len(text); i++ {
		counts[strings.Join(text[i:i+run], " ")]++
	}
	return counts
}

// score is the precision and the recall of one page. Where there is nothing to find or nothing found, the measure that
// has no denominator is 1 if both texts are empty and 0 if not.
func score(want, got map[string]int) (precision, recall float64) {
	shared, wanted, found := 0, 0, 0
	for run, count := range got {
		found += count
		shared += min(count, want[run])
	}
	for _, count := range want {
		wanted += count
	}
	if wanted == 0 && found == 0 {
		return 1, 1
	}
	return share(shared, found), share(shared, wanted)
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func report(out io.Writer, r result, took time.Duration) error {
	n := float64(r.pages)
	precision, recall := r.precision/n, r.recall/n
	f1 := 0.0
	if precision+recall > 0 {
		f1 = 2 * precision * recall / (precision + recall)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "pages\t%d\nanswered\t%d\nwith title\t%d\nwith body\t%d\n", r.pages, r.answered, r.titled, r.bodied)
	fmt.Fprintf(table, "F1\t%.4f\nprecision\t%.4f\nrecall\t%.4f\naccuracy\t%.4f\n", f1, precision, recall, float64(r.exact)/n)
	fmt.Fprintf(table, "pages per second\t%.1f\n", n/took.Seconds())
	return table.Flush()
}
