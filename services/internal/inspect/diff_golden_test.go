package inspect

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/show"
)

var updateDiffs = flag.Bool("update-diffs", false, "write the golden files of diffs anew")

// TestDiffOnATerminal prints the invented articles of package revise (lines of three dashes part the versions, the
// last two are compared) as `inspect diff` does, and compares them with testdata/diff; where that hides changes of marks
// and spaces, once more with them shown.
func TestDiffOnATerminal(t *testing.T) {
	files, err := filepath.Glob("../revise/testdata/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d articles: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var versions []*article.Snapshot
			for version := range strings.SplitSeq(string(text), "\n---\n") {
				versions = append(versions, written(version))
			}
			last := len(versions) - 1
			answer := compare(versions[last-1], versions[last], versions[:last-1])
			var out, whole strings.Builder
			answer.People(show.NewPrinter(&out, false))
			goldenDiff(t, name, out.String())
			if strings.Contains(out.String(), "--cosmetic") {
				p := show.NewPrinter(&whole, false)
				p.Cosmetic = true
				answer.People(p)
				goldenDiff(t, name+".cosmetic", whole.String())
			}
		})
	}
}

func goldenDiff(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", "diff", name+".golden")
	if *updateDiffs {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update-diffs and read the difference):\n%s", golden, got)
	}
}

// written reads an article as people write one: the title, then the blocks, each with a mark for its kind.
func written(text string) *article.Snapshot {
	s := &article.Snapshot{Language: "en"}
	marks := map[string]article.BlockKind{"# ": article.Heading, "> ": article.Quotation, "* ": article.ListItem, "! ": article.Caption, "^ ": article.Note}
	parts := strings.Split(strings.TrimSpace(text), "\n\n")
	if language, ok := strings.CutPrefix(parts[0], "language: "); ok {
		s.Language, parts = language, parts[1:]
	}
	s.Title = parts[0]
	for _, part := range parts[1:] {
		block := article.Block{Kind: article.Paragraph, Text: strings.ReplaceAll(part, "\n", " ")}
		for mark, kind := range marks {
			if rest, ok := strings.CutPrefix(part, mark); ok {
				block = article.Block{Kind: kind, Text: rest}
			}
		}
		s.Blocks = append(s.Blocks, block)
	}
	return s
}
