package extract

import (
	"archive/tar"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

var pagesIn = flag.String("pages", "", "tar files of html/ID.html.gz to read in benchmarks, separated by spaces")

// BenchmarkRealPages reads real pages, each beside a plain parse of it, for other work on the machine slows both:
//
//	GOMAXPROCS=1 go test ./internal/extract -run '^$' -bench RealPages -benchtime 5x -pages "pages.tar more.tar"
func BenchmarkRealPages(b *testing.B) {
	pages := archived(b)
	var whole, parse []time.Duration
	total := [2]time.Duration{}
	for b.Loop() {
		for _, page := range pages {
			began := time.Now()
			if _, err := html.Parse(strings.NewReader(string(page.Body))); err != nil {
				b.Fatal(err)
			}
			middle := time.Now()
			if _, err := Read(page, Known{}); err != nil {
				b.Fatal(err)
			}
			parse, whole = append(parse, middle.Sub(began)), append(whole, time.Since(middle))
			total[0] += parse[len(parse)-1]
			total[1] += whole[len(whole)-1]
		}
	}
	ms := func(all []time.Duration) float64 {
		slices.Sort(all)
		return all[len(all)/2].Seconds() * 1000
	}
	b.ReportMetric(ms(whole), "ms-median")
	b.ReportMetric(ms(parse), "ms-parse-median")
	b.ReportMetric(total[1].Seconds()/total[0].Seconds(), "times-parse")
	b.ReportMetric(total[1].Seconds()*1000/float64(len(whole)), "ms-mean")
}

func archived(b *testing.B) []Page {
	var pages []Page
	for _, file := range strings.Fields(*pagesIn) {
		f, err := os.Open(file)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		for archive := tar.NewReader(f); ; {
			header, err := archive.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if !strings.HasSuffix(header.Name, ".html.gz") {
				continue
			}
			z, err := gzip.NewReader(archive)
			if err != nil {
				b.Fatal(err)
			}
			body, err := io.ReadAll(z)
			if err != nil {
				b.Fatal(err)
			}
			pages = append(pages, Page{URL: pageURL, ContentType: "text/html", Body: body})
		}
	}
	if len(pages) == 0 {
		b.Skip("Reading real pages needs some: name tar files with -pages.")
	}
	return pages
}
