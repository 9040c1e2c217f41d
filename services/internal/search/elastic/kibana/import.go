package kibana

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// Imported is an object that Kibana took.
type Imported struct {
	What, Title string // what is for people: data view, search, panel or dashboard
	Replaced    bool
}

// Result is what became of an import.
type Result struct {
	Version  string // of the Kibana
	Imported []Imported
	Warnings []string
}

// Import puts objects into a Kibana 8 and replaces those of an earlier import. Where Kibana takes some and refuses
// others, the result has what it took, and the error a sentence for each of the others, a line each.
func Import(ctx context.Context, server Server, objects []Object) (Result, error) {
	result, err := importAll(ctx, server, objects)
	if err != nil {
		return result, fmt.Errorf("importing into Kibana at %s: %w", address(server.URL), err)
	}
	return result, nil
}

// address is a URL without what may be secret.
func address(text string) string {
	if at := strings.LastIndex(text, "@"); at >= 0 {
		return "…" + text[at:]
	}
	return text
}

func importAll(ctx context.Context, server Server, objects []Object) (Result, error) {
	c, err := newClient(server)
	if err != nil {
		return Result{}, err
	}
	defer c.close()
	var result Result
	if result.Version, err = c.version(ctx); err != nil {
		return result, err
	}
	body, contentType, err := form(objects)
	if err != nil {
		return result, err
	}
	var answer importAnswer
	err = c.send(ctx, http.MethodPost, []string{"api", "saved_objects", "_import"}, body, contentType, &answer)
	if r := (*refusal)(nil); errors.As(err, &r) && r.status == http.StatusNotFound && c.Space != "" {
		return result, fmt.Errorf("it has no space %q: make it there, or name another with --space", c.Space)
	}
	if err != nil {
		return result, err
	}
	return answer.result(result.Version, len(objects))
}

// version is that of a Kibana 8 that takes our objects.
func (c *client) version(ctx context.Context) (string, error) {
	var status struct {
		Version struct {
			Number string `json:"number"`
		} `json:"version"`
		Status struct {
			Overall struct {
				Level string `json:"level"`
			} `json:"overall"`
		} `json:"status"`
	}
	// Spaces share the status, and one that is not there would hide it.
	whole := *c
	whole.Space = ""
	err := whole.send(ctx, http.MethodGet, []string{"api", "status"}, nil, "", &status)
	var r *refusal
	switch {
	case errors.As(err, &r) && (r.status == http.StatusNotFound || r.status == http.StatusBadRequest || r.status == http.StatusMethodNotAllowed):
		return "", errNotKibana
	case err != nil:
		return "", err
	case status.Version.Number == "" && status.Status.Overall.Level != "":
		return "", errors.New("it tells its version only to those it knows: name an --api-key or a --user")
	case status.Version.Number == "":
		return "", errNotKibana
	}
	number := brief(status.Version.Number)
	if !takes(number) {
		return "", fmt.Errorf("it is Kibana %s: stet's objects are for Kibana 8, from %s on", number, oldestKibana)
	}
	return number, nil
}

// takes says whether a Kibana is an 8 that is not older than our objects.
func takes(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 || parts[0] != "8" {
		return false
	}
	minor, err := strconv.Atoi(parts[1])
	return err == nil && minor >= 8
}

// form is a file in the form that browsers send.
func form(objects []Object) (body []byte, contentType string, err error) {
	lines, err := Encode(objects)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	file, err := w.CreateFormFile("file", "stet.ndjson")
	if err == nil {
		_, err = file.Write(lines)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), w.FormDataContentType(), err
}

type importAnswer struct {
	Success   *bool `json:"success"`
	Count     int   `json:"successCount"`
	Successes []struct {
		named
		Overwrite bool `json:"overwrite"`
	} `json:"successResults"`
	Errors []struct {
		named
		Error importError `json:"error"`
	} `json:"errors"`
	Warnings []struct {
		Message string `json:"message"`
	} `json:"warnings"`
}

type named struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Meta struct {
		Title string `json:"title"`
	} `json:"meta"`
}

type importError struct {
	Type       string `json:"type"`
	Message    string `json:"message"`
	References []struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"references"`
}

func (a *importAnswer) result(version string, sent int) (Result, error) {
	result := Result{Version: version}
	if a.Success == nil {
		return result, errNotKibana
	}
	for i := range a.Successes {
		s := &a.Successes[i]
		what, title := s.people()
		result.Imported = append(result.Imported, Imported{what, title, s.Overwrite})
	}
	for _, w := range a.Warnings {
		result.Warnings = append(result.Warnings, brief(w.Message))
	}
	var problems []error
	for i := range a.Errors {
		what, title := a.Errors[i].people()
		problems = append(problems, fmt.Errorf("%s %s was not imported: %s", what, title, a.Errors[i].Error.sentence()))
	}
	if len(problems) == 0 && (!*a.Success || a.Count != sent) {
		problems = append(problems, fmt.Errorf("it took %d of %d objects and does not say why: look into its log", a.Count, sent))
	}
	return result, errors.Join(problems...)
}

// people names an object for people.
func (n *named) people() (what, title string) {
	what = map[string]string{dataViewType: "data view", searchType: "search", panelType: "panel", dashboardType: "dashboard"}[n.Type]
	if what == "" {
		what = brief(n.Type)
	}
	if title = brief(n.Meta.Title); title == "" {
		title = brief(n.ID)
	}
	return what, title
}

// sentence says what an error of a single object means.
func (e *importError) sentence() string {
	switch e.Type {
	case "conflict":
		return "another object has its id; delete that one"
	case "ambiguous_conflict":
		return "several objects in Kibana were made from it; delete all of them but one"
	case "missing_references":
		var all []string
		for _, r := range e.References {
			all = append(all, brief(r.Type+" "+r.ID))
		}
		return "it refers to what Kibana does not have: " + brief(strings.Join(all, ", "))
	case "unsupported_type":
		return "this Kibana knows no such objects; a part of Kibana is switched off, or it is not Elastic's"
	}
	if message := brief(e.Message); message != "" {
		return "Kibana says: " + message
	}
	return "Kibana calls the error " + strconv.Quote(brief(e.Type))
}
