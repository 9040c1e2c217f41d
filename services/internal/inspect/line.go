package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Reply answers one line of the filter: the tool's answer, or the error, with the request's id. It never panics:
// what strangers wrote goes through libraries of others, and one bad page must not end the filter.
func (t Tool) Reply(number int, request []byte) []byte { return t.reply(number, request, MaxLine) }

func (t Tool) reply(number int, request []byte, limit int) []byte {
	if len(request) > limit {
		return failure(identify(request), fmt.Errorf("line %d is longer than %d bytes", number, limit))
	}
	answer, err := t.guarded(request)
	if err != nil {
		var malformed *json.SyntaxError
		if errors.As(err, &malformed) {
			err = fmt.Errorf("line %d is not JSON: %w", number, err)
		}
		return failure(identify(request), err)
	}
	line, err := encode(answer)
	if err != nil {
		return failure(identify(request), fmt.Errorf("writing the answer: %w", err))
	}
	return withID(identify(request), line)
}

func (t Tool) guarded(request []byte) (answer Answer, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			answer, err = nil, fmt.Errorf("stet has a fault that this input shows, please report it: %v", fault)
		}
	}()
	return t.Line(request)
}

// identify finds the request's id, whatever else is wrong with the line; null where there is none.
func identify(request []byte) json.RawMessage {
	none := json.RawMessage("null")
	decoder := json.NewDecoder(bytes.NewReader(request))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return none
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return none
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return none
		}
		if key == "id" {
			return value
		}
	}
	return none
}

func failure(id json.RawMessage, err error) []byte {
	line, _ := encode(map[string]string{"error": err.Error()}) // a map of texts is always JSON
	return withID(id, line)
}

// withID puts the id in front of an object's members. The object is never empty.
func withID(id json.RawMessage, object []byte) []byte {
	line := append([]byte(`{"id":`), compact(id)...)
	line = append(line, ',')
	return append(line, object[1:]...)
}

// encode writes one compact line of JSON. Raw messages inside come out compact too.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func compact(value json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return []byte("null")
	}
	return b.Bytes()
}
