package robots

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// maxLine bounds one line in bytes; longer ones are dropped, since a rule cut in half says something else.
const maxLine = 16 << 10

// line is a line of robots.txt that says something.
type line struct {
	number int    // from 1
	text   string // without comment
	key    string // user-agent, allow, disallow or crawl-delay
	value  string
}

// readLines keeps the lines that belong to groups, from the first group on.
func readLines(body []byte) []line {
	var lines []line
	grouped := false
	body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	body = bytes.ReplaceAll(body, []byte("\r"), []byte("\n"))
	number := 0
	for raw := range bytes.SplitSeq(body, []byte("\n")) {
		number++
		if len(raw) > maxLine {
			continue
		}
		text, _, _ := strings.Cut(strings.ToValidUTF8(string(raw), "\uFFFD"), "#")
		key, value, found := strings.Cut(text, ":")
		read := line{number: number, text: strings.TrimSpace(text), key: keyOf(key), value: strings.TrimSpace(value)}
		if !found || read.key == "" {
			continue
		}
		grouped = grouped || read.key == "user-agent"
		if grouped {
			lines = append(lines, read)
		}
	}
	return lines
}

func keyOf(key string) string {
	switch key = strings.ToLower(strings.TrimSpace(key)); key {
	case "user-agent", "allow", "disallow", "crawl-delay":
		return key
	case "useragent", "user agent":
		return "user-agent"
	}
	return ""
}

// clean writes the lines again in the form the library reads without complaint.
func clean(lines []line) []byte {
	var out bytes.Buffer
	for _, l := range lines {
		switch l.key {
		case "crawl-delay":
			seconds, err := strconv.ParseFloat(l.value, 64)
			// An hour is beyond anything honoured; the comparison also turns away NaN.
			if err != nil || !(seconds >= 0 && seconds <= 3600) {
				continue
			}
		case "user-agent":
			// "Bot/2.1" means Bot: versions are no part of a product token.
			l.value, _, _ = strings.Cut(l.value, "/")
			if l.value = strings.TrimSpace(l.value); l.value == "" {
				continue
			}
		default:
			// A rule without a path says nothing in RFC 9309; nor does one that no path can start with.
			if l.value == "" || l.value[0] != '/' && l.value[0] != '*' {
				continue
			}
		}
		fmt.Fprintf(&out, "%s: %s\n", l.key, l.value)
	}
	return out.Bytes()
}

// question is a decision that wants a reason.
type question struct {
	agent, path string
	allowed     bool
}

// explain finds the longest rule of the agent's group that matches the path and says what was decided.
func explain(lines []line, q question) (deciding line, found bool) {
	name := groupOf(lines, q.agent)
	for start := 0; start < len(lines); {
		applies, rules, end := nextGroup(lines, start, name)
		if applies {
			for _, l := range lines[rules:end] {
				says := l.key == "allow" && q.allowed || l.key == "disallow" && !q.allowed
				if says && l.value != "" && matches(l.value, q.path) && len(l.value) > len(deciding.value) {
					deciding, found = l, true
				}
			}
		}
		start = end
	}
	return deciding, found
}

// groupOf is the longest group name that starts the agent's, else "*".
func groupOf(lines []line, agent string) string {
	best := "*"
	for _, l := range lines {
		if name := agentOf(l); name != "" && name != "*" && strings.HasPrefix(strings.ToLower(agent), name) {
			if best == "*" || len(name) > len(best) {
				best = name
			}
		}
	}
	return best
}

// nextGroup reads a group: the agent lines from start, then the rules up to end.
func nextGroup(lines []line, start int, name string) (applies bool, rules, end int) {
	rules = start
	for rules < len(lines) && lines[rules].key == "user-agent" {
		applies = applies || agentOf(lines[rules]) == name
		rules++
	}
	end = rules
	for end < len(lines) && lines[end].key != "user-agent" {
		end++
	}
	return applies, rules, end
}

func agentOf(l line) string {
	if l.key != "user-agent" {
		return ""
	}
	name, _, _ := strings.Cut(l.value, "/")
	return strings.ToLower(strings.TrimSpace(name))
}

// matches says whether a rule's path with its wildcards covers a path. Taking each piece at its first place is enough,
// because "*" may stand for anything; only a piece that must end the path is taken at its last.
func matches(rule, path string) bool {
	anchored := strings.HasSuffix(rule, "$")
	pieces := strings.Split(strings.TrimSuffix(rule, "$"), "*")
	if !strings.HasPrefix(path, pieces[0]) {
		return false
	}
	path = path[len(pieces[0]):]
	if len(pieces) == 1 {
		return !anchored || path == ""
	}
	last := len(pieces) - 1
	for _, piece := range pieces[1:last] {
		at := strings.Index(path, piece)
		if at < 0 {
			return false
		}
		path = path[at+len(piece):]
	}
	if anchored {
		return strings.HasSuffix(path, pieces[last])
	}
	return strings.Contains(path, pieces[last])
}
