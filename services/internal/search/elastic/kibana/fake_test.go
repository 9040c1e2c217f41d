package kibana

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// fake is a server that does what Kibana does with an import.
type fake struct {
	version string
	level   string
	key     string                // that it wants, if any
	space   string                // that it has beside the default one
	refuse  map[string]jsonObject // errors of objects by id
	answer  func(w http.ResponseWriter, r *http.Request) bool
	stored  map[string]jsonObject // by space, type and id
}

func newFake(t *testing.T) (*fake, *httptest.Server) {
	f := &fake{version: "8.19.2", level: "available", stored: make(map[string]jsonObject)}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server
}

func tell(w http.ResponseWriter, status int, body jsonObject) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who hangs up sees nothing
}

func fault(w http.ResponseWriter, status int, message string) {
	tell(w, status, jsonObject{"statusCode": status, "error": http.StatusText(status), "message": message})
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.answer != nil && f.answer(w, r) {
		return
	}
	if f.key != "" && r.Header.Get("Authorization") != f.key {
		fault(w, http.StatusUnauthorized, "[security_exception]: missing authentication credentials")
		return
	}
	path, space := r.URL.Path, ""
	if rest, ok := strings.CutPrefix(path, "/s/"); ok {
		space, path, _ = strings.Cut(rest, "/")
		path = "/" + path
		if space != f.space {
			fault(w, http.StatusNotFound, "Not Found")
			return
		}
	}
	switch r.Method + " " + path {
	case "GET /api/status":
		tell(w, http.StatusOK, jsonObject{"name": "kibana", "version": jsonObject{"number": f.version},
			"status": jsonObject{"overall": jsonObject{"level": f.level}}})
	case "POST /api/saved_objects/_import":
		f.take(w, r, space)
	default:
		fault(w, http.StatusNotFound, "Not Found")
	}
}

func (f *fake) take(w http.ResponseWriter, r *http.Request, space string) {
	if r.Header.Get("kbn-xsrf") == "" {
		fault(w, http.StatusBadRequest, "Request must contain a kbn-xsrf header.")
		return
	}
	file, header, err := r.FormFile("file")
	if err != nil || !strings.HasSuffix(header.Filename, ".ndjson") {
		fault(w, http.StatusBadRequest, fmt.Sprintf("Invalid file: %v", err))
		return
	}
	lines, err := io.ReadAll(file)
	if err != nil {
		fault(w, http.StatusBadRequest, err.Error())
		return
	}
	objects, bad := read(lines)
	if len(bad) > 0 {
		fault(w, http.StatusBadRequest, bad[0])
		return
	}
	f.answerTo(w, objects, space, r.URL.Query().Get("overwrite") == "true")
}

func (f *fake) answerTo(w http.ResponseWriter, objects []jsonObject, space string, overwrite bool) {
	var taken, refused []jsonObject
	for _, o := range objects {
		key := space + "/" + text(o, "type") + "/" + text(o, "id")
		told := jsonObject{"type": o["type"], "id": o["id"], "meta": jsonObject{"title": text(o, "attributes", "title")}}
		_, exists := f.stored[key]
		switch why, ok := f.refuse[text(o, "id")]; {
		case ok:
			told["error"] = why
		case exists && !overwrite:
			told["error"] = jsonObject{"type": "conflict"}
		case exists:
			told["overwrite"] = true
		}
		if told["error"] != nil {
			refused = append(refused, told)
			continue
		}
		f.stored[key] = o
		taken = append(taken, told)
	}
	answer := jsonObject{"success": len(refused) == 0, "successCount": len(taken), "successResults": taken, "warnings": []any{}}
	if len(refused) > 0 {
		answer["errors"] = refused
	}
	tell(w, http.StatusOK, answer)
}

// keys are what is stored, in order.
func (f *fake) keys() []string {
	var all []string
	for key := range f.stored {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
