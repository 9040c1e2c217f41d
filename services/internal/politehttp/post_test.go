package politehttp

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestPostedForms(t *testing.T) {
	type heard struct{ method, kind, answer string }
	var got []heard
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, heard{r.Method, r.Header.Get("Content-Type"), r.FormValue("question")})
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "/accepted", http.StatusTemporaryRedirect)
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	defer server.Close()
	client := New(Config{AllowNetworks: loopback})
	defer client.CloseIdleConnections()
	form := url.Values{"question": {"is the pier & the quay open?"}}
	want := heard{http.MethodPost, "application/x-www-form-urlencoded", form.Get("question")}

	answer, err := client.Do(t.Context(), Request{URL: server.URL + "/accepted", Form: form})
	if err != nil || answer.Status != http.StatusAccepted {
		t.Errorf("posting gave status %d and %v", answer.Status, err)
	}
	answer, err = client.Do(t.Context(), Request{URL: server.URL + "/elsewhere", Form: form})
	if err != nil || answer.Outcome != BadRedirect {
		t.Errorf("a redirect of what was posted ended in %v and %v", answer.Outcome, err)
	}
	if len(got) != 2 || got[0] != want || got[1] != want {
		t.Errorf("the site heard %v", got)
	}
	guarded := New(Config{})
	defer guarded.CloseIdleConnections()
	if answer, err := guarded.Do(t.Context(), Request{URL: server.URL, Form: form}); err != nil || answer.Outcome != Blocked || len(got) != 2 {
		t.Errorf("posting into the own network ended in %v and %v", answer.Outcome, err)
	}
}
