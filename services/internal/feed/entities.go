package feed

import "regexp"

// The bounds of what a document may declare for itself. A few pieces of software abbreviate their addresses so.
const (
	maxEntities    = 30
	maxEntityValue = 200  // bytes
	maxEntityUses  = 5000 // in one document
)

var entityDeclaration = regexp.MustCompile(`<!ENTITY\s+([A-Za-z_][\w.-]{0,60})\s+(?:"([^"<]*)"|'([^'<]*)')\s*>`)

// entities are texts that a document declares names for. Those in a text of theirs are not resolved, nor is anything
// fetched for them: nothing grows by more than the bounds above.
type entities struct {
	values map[string]string
	uses   int
}

// declared reads the entities of a <!DOCTYPE>. Those of XML itself cannot be declared anew.
func declared(directive []byte) *entities {
	e := &entities{values: map[string]string{}}
	for _, found := range entityDeclaration.FindAllSubmatch(directive[:min(len(directive), maxPrologue)], maxEntities) {
		name, value := string(found[1]), string(found[2])+string(found[3])
		switch name {
		case "lt", "gt", "amp", "quot", "apos":
			continue
		}
		if _, there := e.values[name]; !there && len(value) <= maxEntityValue {
			e.values[name] = value
		}
	}
	return e
}

// resolve gives what the reference at the beginning of a text stands for, and its length; 0 if it stands for nothing.
func (e *entities) resolve(text []byte) (value string, length int) {
	if e == nil || len(e.values) == 0 || e.uses >= maxEntityUses {
		return "", 0
	}
	for i := 1; i < min(len(text), 64); i++ {
		if text[i] == ';' {
			value, found := e.values[string(text[1:i])]
			if !found {
				return "", 0
			}
			e.uses++
			return value, i + 1
		}
	}
	return "", 0
}
