package revise

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads versions of invented articles (testdata/*.txt: lines of three dashes part the versions, the last two
// are compared; the first line of each is the title, blank lines part the blocks, a leading mark tells a block's kind)
// and compares what their revision looks like with the .golden file beside them.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pairs: %v", err)
	}
	read, err := os.ReadFile("testdata/editor.md") // what a sub-editor would say of each
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if name := strings.TrimSuffix(filepath.Base(file), ".txt"); !strings.Contains(string(read), "\n## "+name+"\n") {
				t.Errorf("nobody says what %s should be: write it into testdata/editor.md", name)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sides := strings.Split(string(text), "\n---\n")
			var versions []*article.Snapshot
			for _, side := range sides {
				versions = append(versions, parse(side))
			}
			last := len(versions) - 1
			old, new := versions[last-1], versions[last]
			hold(t, old, new)
			r, a := Assess(old, new, versions[:last-1])
			got, golden := render(&r)+assessed(&a), strings.TrimSuffix(file, ".txt")+".golden"
			if *update {
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
				t.Errorf("%s differs (run with -update and read the difference):\n%s", golden, got)
			}
		})
	}
}

func parse(text string) *article.Snapshot {
	s := &article.Snapshot{Language: "en"}
	marks := map[string]article.BlockKind{"# ": article.Heading, "> ": article.Quotation, "* ": article.ListItem, "! ": article.Caption, "^ ": article.Note}
	for i, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		part = strings.ReplaceAll(part, "\n", " ")
		if language, ok := strings.CutPrefix(part, "language: "); ok {
			s.Language = language
			continue
		}
		if s.Title == "" && i < 2 {
			s.Title = part
			continue
		}
		block := article.Block{Kind: article.Paragraph, Text: part}
		for mark, kind := range marks {
			if rest, ok := strings.CutPrefix(part, mark); ok {
				block = article.Block{Kind: kind, Text: rest}
			}
		}
		s.Blocks = append(s.Blocks, block)
	}
	return s
}

// render is a revision as text: units kept are named by number only, the words of a change stand in [-…-] and {+…+}.
func render(r *article.Revision) string {
	var b strings.Builder
	kinds := []string{"same", "edited", "split", "merged"}
	for _, link := range r.Links {
		moved := ""
		if link.Moved {
			moved = " moved"
		}
		fmt.Fprintf(&b, "%v -> %v %s%s", link.Old, link.New, kinds[link.Kind], moved)
		if link.Kind != article.Same {
			b.WriteString(": ")
			for _, word := range link.Words {
				fmt.Fprintf(&b, []string{"%s", "[-%s-]", "{+%s+}"}[word.Op], word.Text)
			}
		}
		b.WriteByte('\n')
	}
	for _, i := range r.Deleted {
		fmt.Fprintf(&b, "[%d] deleted: %s\n", i, r.OldUnits[i].Text)
	}
	for _, j := range r.Added {
		fmt.Fprintf(&b, "[%d] added: %s\n", j, r.NewUnits[j].Text)
	}
	b.WriteByte('\n')
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "%s %s", c.Element, c.Kind)
		for _, fact := range c.Facts {
			fmt.Fprintf(&b, "; %s %q to %q", fact.Kind, fact.Old, fact.New)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "weight %s, score %.2f\n", []string{"none", "trivial", "minor", "substantive"}[r.Weight], r.Score)
	for _, evidence := range r.Disclosure.Evidence {
		fmt.Fprintln(&b, evidence)
	}
	for _, x := range r.Restored {
		fmt.Fprintf(&b, "[%d] stood in version %d\n", x.New, x.Version)
	}
	return b.String()
}

// assessed is what stands beside a revision, as text.
func assessed(a *Assessment) string {
	var b strings.Builder
	for _, reason := range a.Reasons {
		fmt.Fprintf(&b, "because: %s\n", reason)
	}
	if a.VariantOf > 0 {
		fmt.Fprintf(&b, "version %d is back, for the %d. time\n", a.VariantOf, a.Returns)
	}
	return b.String()
}
