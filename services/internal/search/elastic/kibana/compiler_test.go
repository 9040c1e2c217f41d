package kibana

import "testing"

func TestParseKQL(t *testing.T) {
	for query, want := range map[string]int{
		"": 0, `a: "b"`: 1, `a: "b c" or b > 0`: 2, `version: 2`: 1,
		`a : "b"`: -1, `a: b`: -1, `a: "b" and c: 1`: -1, `a > "b`: -1, ` or `: -1,
	} {
		conditions, err := parseKQL(query)
		if err != nil && want >= 0 || err == nil && len(conditions) != want {
			t.Errorf("%q has %d conditions, %v", query, len(conditions), err)
		}
	}
}
