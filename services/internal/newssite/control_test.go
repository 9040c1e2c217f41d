package newssite

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestControlMakesEditionsThatThePageTells(t *testing.T) {
	site := New(Config{Seed: 3, Publishers: 2, Stories: 4, Empty: true})
	addresses, err := site.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	control := httptest.NewServer(NewControl(site, addresses).Handler())
	defer control.Close()
	ask := func(method, path string, into any) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, control.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
				t.Fatal(err)
			}
		}
		return answer.StatusCode
	}
	var stories []Controlled
	if status := ask(http.MethodGet, "/stories", &stories); status != http.StatusOK || len(stories) != 4 {
		t.Fatalf("status %d, stories %+v", status, stories)
	}
	for want := 1; want <= 3; want++ {
		if want > 1 {
			var edited Controlled
			ask(http.MethodPost, "/edit?story="+stories[0].ID, &edited)
			if edited.Edition != want || edited.URL != stories[0].URL {
				t.Errorf("edited: %+v, want edition %d", edited, want)
			}
		}
		page, err := http.Get(stories[0].URL)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(page.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := page.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := EditionOf(string(text)); got != want || strings.Count(string(text), "marked this as edition") > 1 {
			t.Errorf("the page says edition %d, want %d", got, want)
		}
	}
	if status := ask(http.MethodPost, "/edit?story=nobody", nil); status != http.StatusNotFound {
		t.Errorf("editing a story that is not there: status %d", status)
	}
}
