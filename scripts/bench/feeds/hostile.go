package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The bounds on what any one feed may cost.
const (
	mostMemory = 64 << 20
	mostTime   = 2 * time.Second
	// hostileSize is the largest feed that is fetched, and what those that mean harm fill.
	hostileSize = 15<<20 - 4096
)

const rssStart = `<rss version="2.0"><channel><title>T</title><link>https://paper.example/</link>`

// hostileFeeds are made of a start, a text repeated until the feed is as large as it may be, and an end. A # in the text
// becomes a number.
var hostileFeeds = []struct{ name, start, unit, end string }{
	{"items, small", rssStart, "<item/>", "</channel></rss>"},
	{"items of 150 bytes", rssStart, "<item><title>Ferry #</title><link>https://paper.example/#</link><guid>#</guid><pubDate>Mon, 04 May 2026 10:00:00 GMT</pubDate></item>\n", "</channel></rss>"},
	{"items of 800 bytes", rssStart, "<item><title>Ferry #</title><link>https://paper.example/#</link><description>" + strings.Repeat("The ferry runs again. ", 32) + "</description></item>\n", "</channel></rss>"},
	{"items with addresses that grow", rssStart, "<item><link>https://paper.example/#/" + strings.Repeat("あ", 220) + "</link></item>", "</channel></rss>"},
	{"items below a base", `<rss version="2.0" xml:base="https://paper.example/` + strings.Repeat("a/", 240) + `"><channel>`, "<item><link>#</link></item>", "</channel></rss>"},
	{"items below a long base", `<rss version="2.0" xml:base="https://paper.example/` + strings.Repeat("a/", 7000) + `"><channel>`, "<item><link>#</link></item>", "</channel></rss>"},
	{"items that are not closed", rssStart, "<item><title>Ferry #</title>", ""},
	{"items in items", rssStart, "<item><x>", ""},
	{"entries", `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>`, `<entry><id>#</id><link href="/#"/><title>Ferry #</title><updated>2026-05-04T10:00:00Z</updated></entry>`, "</feed>"},
	{"items of RDF", `<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><title>T</title></channel>`, `<item rdf:about="https://paper.example/#"><title>Ferry</title></item>`, "</rdf:RDF>"},
	{"one text", rssStart + "<item><description>", "The ferry runs again. ", "</description></item></channel></rss>"},
	{"one text of references", rssStart + "<item><description>", "&#x41;&lt;&amp;&nbsp;", "</description></item></channel></rss>"},
	{"one text of bare ampersands", rssStart + "<item><description>", "&&&&a ", "</description></item></channel></rss>"},
	{"one CDATA section", rssStart + "<item><description><![CDATA[", "<p>The ferry</p>", "]]></description></item></channel></rss>"},
	{"CDATA sections", rssStart + "<item><description>", "<![CDATA[x]]>", "</description></item></channel></rss>"},
	{"a title", rssStart + "<item><title>", "Ferry ", "</title></item></channel></rss>"},
	{"the channel's text", rssStart + "<description>", "The ferry runs again. ", "</description></channel></rss>"},
	{"nested", rssStart + "<item>", "<a>", ""},
	{"nested and closed", rssStart + "<item>" + strings.Repeat("<a>", 400), "<b></b>", strings.Repeat("</a>", 400) + "</item></channel></rss>"},
	{"end tags of nothing", rssStart + "<item>" + strings.Repeat("<a>", 400), "</b>", strings.Repeat("</a>", 400) + "</item></channel></rss>"},
	{"names, each another", rssStart + "<item>", "<a#/>", "</item></channel></rss>"},
	{"elements of an item", rssStart + "<item>", "<a/>", "</item></channel></rss>"},
	{"elements of many items", rssStart, "<item>" + strings.Repeat("<dc:a/>", 1000) + "</item>", "</channel></rss>"},
	{"elements outside items", rssStart, "<x>y</x>", "</channel></rss>"},
	{"attributes of the root", `<rss version="2.0" `, `a#="b" `, "><channel><item/></channel></rss>"},
	{"namespaces of the root", `<rss version="2.0" `, `xmlns:a#="b" `, "><channel><item/></channel></rss>"},
	{"namespaces of items", rssStart, `<item xmlns:a#="b"><a#:c xmlns:b#="d">x</a#:c></item>`, "</channel></rss>"},
	{"attributes of an item", rssStart + "<item><enclosure ", `a#="b" `, "/></item></channel></rss>"},
	{"one attribute", rssStart + `<item><enclosure url="`, "x", `"/></item></channel></rss>`},
	{"a quote that is not closed", rssStart + `<item><enclosure url="`, "x ", ""},
	{"comments", rssStart, "<!-- -->", "</channel></rss>"},
	{"a comment without end", rssStart + "<!--", "- ", ""},
	{"declarations", "<!DOCTYPE rss [", `<!ENTITY a# "&a;&a;">`, "]>" + rssStart + "<item><title>&a1;</title></item></channel></rss>"},
	{"less-than signs", rssStart + "<item><title>", "< ", "</title></item></channel></rss>"},
	{"tags without end", rssStart, "<item <item ", ""},
	{"bytes of no UTF-8", rssStart + "<item><description>", "\xe9\x80", "</description></item></channel></rss>"},
	{"a text in windows-1252", `<?xml version="1.0" encoding="windows-1252"?>` + rssStart + "<item><description>", "F\xe4hre f\xe4hrt. ", "</description></item></channel></rss>"},
	{"items in windows-1252", `<?xml version="1.0" encoding="windows-1252"?>` + rssStart, "<item><title>F\xe4hre #</title><description>Sie f\xe4hrt wieder.</description></item>", "</channel></rss>"},
	{"UTF-16", "\xff\xfe<\x00r\x00s\x00s\x00>\x00", "<\x00i\x00t\x00e\x00m\x00/\x00>\x00", ""},
	{"escapes of ISO-2022-JP", `<?xml version="1.0" encoding="iso-2022-jp"?>` + rssStart, "\x1b$B$\"\x1b(B", ""},
	{"control characters", rssStart + "<item><title>", "a\x01", "</title></item></channel></rss>"},
	{"blanks", rssStart, " \n", "</channel></rss>"},
	{"items of JSON", `{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[`, `{"id":"#","title":"Ferry"},`, `{"id":"last"}]}`},
	{"items of JSON, small", `{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[`, `{},`, `{"id":"last"}]}`},
	{"lists of items", `{"version":"https://jsonfeed.org/version/1.1"`, `,"items":[{}]`, `}`},
	{"a text of JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":"`, `The ferry. \u0041`, `"}]}`},
	{"members of JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"`, `,"a#":{"b":[1]}`, `}]}`},
	{"members of the same name", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"`, `,"title":"x"`, `}]}`},
	{"brackets", `{"version":"https://jsonfeed.org/version/1.1","x":`, "[", ""},
	{"entries of a sitemap", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`, "<url><loc>https://paper.example/#</loc><lastmod>2026-05-04</lastmod></url>", "</urlset>"},
	{"sitemaps of an index", `<sitemapindex>`, "<sitemap><loc>mailto:#</loc></sitemap>", "</sitemapindex>"},
	{"items of CDF", "<CHANNEL><TITLE>T</TITLE>", `<ITEM HREF="/#"><TITLE>x</TITLE></ITEM>`, "</CHANNEL>"},
	{"links of a page", "<!doctype html><html><head>", `<link rel=alternate type=application/rss+xml href="mailto:#">`, ""},
	{"a page", "<!doctype html><html><body>", "<p class=x>The ferry runs again.", ""},
	{"text", "", "The ferry runs again. ", ""},
	{"tags of nothing known", "", "<a>", ""},
}

// hostile gives each feed to a process of its own.
func (b *bench) hostile() error {
	folder, err := os.MkdirTemp("", "hostile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "feed")
	idle, _, _, err := b.cost(file, func(w *bufio.Writer) { fill(w, rssStart, "", "</channel></rss>", 0) })
	if err != nil {
		return err
	}
	b.say("feeds of 15 MB\textra memory, MB\tCPU, s\toutcome")
	over, worst, longest := 0, int64(0), time.Duration(0)
	for _, h := range hostileFeeds {
		memory, spent, outcome, err := b.cost(file, func(w *bufio.Writer) { fill(w, h.start, h.unit, h.end, hostileSize) })
		if err != nil {
			return err
		}
		memory -= idle
		mark := ""
		if memory > mostMemory || spent > mostTime {
			over++
			mark = "OVER: "
		}
		worst, longest = max(worst, memory), max(longest, spent)
		b.say("%s\t%d\t%.2f\t%s%s", h.name, memory>>20, spent.Seconds(), mark, outcome)
	}
	b.say("over %d MB or %v\t%d of %d\t\tmost memory %d MB, most CPU %.2f s; the process itself takes %d MB", mostMemory>>20, mostTime, over,
		len(hostileFeeds), worst>>20, longest.Seconds(), idle>>20)
	return nil
}

// fill writes a feed of a size without ever having it in memory, which the child would be charged for.
func fill(w *bufio.Writer, start, unit, end string, size int) {
	written, _ := w.WriteString(start)
	numbered := strings.Contains(unit, "#")
	for n := 0; written+len(unit)+len(end) < size; n++ {
		text := unit
		if numbered {
			text = strings.ReplaceAll(unit, "#", fmt.Sprint(n))
		}
		wrote, _ := w.WriteString(text)
		written += wrote
	}
	_, _ = w.WriteString(end) // a fault comes back from Flush
}

// cost has a feed read and tells the most memory the process had, its processor time and the first line it said.
func (b *bench) cost(file string, write func(*bufio.Writer)) (memory int64, spent time.Duration, outcome string, err error) {
	out, err := os.Create(file)
	if err != nil {
		return 0, 0, "", err
	}
	w := bufio.NewWriter(out)
	write(w)
	if err := w.Flush(); err != nil {
		return 0, 0, "", err
	}
	if err := out.Close(); err != nil {
		return 0, 0, "", err
	}
	command := exec.Command(b.stet, "inspect", "feed", file, "--url", "https://paper.example/feed")
	said, err := command.StdoutPipe()
	if err != nil {
		return 0, 0, "", err
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		return 0, 0, "", err
	}
	outcome = summary(said)
	err = command.Wait() // that a feed cannot be read is an outcome too
	usage, is := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !is {
		return 0, 0, "", fmt.Errorf("this system does not tell what a process took: %w", err)
	}
	spent = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return usage.Maxrss << 10, spent, outcome, nil
}

// summary is the second line of what was said, which counts the items, or the error.
func summary(said io.Reader) string {
	lines := bufio.NewReader(said)
	outcome := ""
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		line = strings.TrimSpace(line)
		if n < 3 && (strings.Contains(line, " items") || strings.HasPrefix(line, "stet:") || strings.HasPrefix(line, "error")) || n == 0 {
			outcome = line
		}
		if err != nil {
			return fmt.Sprintf("%.90s", outcome)
		}
	}
}
