package kibana

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// kql is a condition of a query as Kibana would read it.
type kql struct {
	field, sign string
	value       any
}

var kqlCondition = regexp.MustCompile(`^([a-z_.]+)(:| >) (?:"([^"\\]*)"|(-?[0-9]+))$`)

// parseKQL reads the part of Kibana's language that is used here: conditions joined by or.
func parseKQL(query string) ([]kql, error) {
	if query == "" {
		return nil, nil
	}
	var all []kql
	for _, part := range strings.Split(query, " or ") {
		m := kqlCondition.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("%q is no condition", part)
		}
		one := kql{field: m[1], sign: strings.TrimSpace(m[2]), value: m[3]}
		if m[4] != "" {
			one.value, _ = strconv.Atoi(m[4])
		}
		all = append(all, one)
	}
	return all, nil
}

// compileKQL makes the query that Kibana would send.
func compileKQL(query string) (jsonObject, error) {
	conditions, err := parseKQL(query)
	if err != nil || len(conditions) == 0 {
		return jsonObject{"match_all": jsonObject{}}, err
	}
	var should []any
	for _, c := range conditions {
		switch _, word := c.value.(string); {
		case c.sign == ">":
			should = append(should, jsonObject{"range": jsonObject{c.field: jsonObject{"gt": c.value}}})
		case word:
			should = append(should, jsonObject{"match_phrase": jsonObject{c.field: c.value}})
		default:
			should = append(should, jsonObject{"match": jsonObject{c.field: c.value}})
		}
	}
	return jsonObject{"bool": jsonObject{"should": should, "minimum_should_match": 1}}, nil
}

// compileLayer makes the aggregation that Kibana would send for a layer of a panel, with days as spans of time.
func compileLayer(l any) (jsonObject, error) {
	order := list(l, "columnOrder")
	columns, _ := at(l, "columns").(jsonObject)
	figures := jsonObject{}
	var groups []string
	for _, id := range order {
		column := columns[id.(string)]
		if at(column, "isBucketed") == true {
			groups = append(groups, id.(string))
			continue
		}
		if figure := compileFigure(column); figure != nil {
			figures[id.(string)] = figure
		} else if text(column, "operationType") != "count" {
			return nil, fmt.Errorf("%s is no figure", id)
		}
	}
	inside := figures
	for i := len(groups) - 1; i >= 0; i-- {
		group, err := compileGroup(columns[groups[i]], columns)
		if err != nil {
			return nil, err
		}
		// Terms are ordered by a figure of their own, so figures stand at every level, as Kibana has them.
		aggregations := jsonObject{}
		for id, figure := range figures {
			aggregations[id] = figure
		}
		for id, inner := range inside {
			aggregations[id] = inner
		}
		group["aggs"] = aggregations
		inside = jsonObject{groups[i]: group}
	}
	return inside, nil
}

func compileFigure(column any) jsonObject {
	field := jsonObject{"field": text(column, "sourceField")}
	switch text(column, "operationType") {
	case "unique_count":
		return jsonObject{"cardinality": field}
	case "max":
		return jsonObject{"max": field}
	case "median":
		field["percents"] = []any{50}
		return jsonObject{"percentiles": field}
	}
	return nil
}

func compileGroup(column any, columns jsonObject) (jsonObject, error) {
	field := text(column, "sourceField")
	switch text(column, "operationType") {
	case "date_histogram":
		return jsonObject{"date_histogram": jsonObject{"field": field, "fixed_interval": "1d", "time_zone": "UTC", "min_doc_count": 1}}, nil
	case "range":
		var ranges []any
		for _, r := range list(column, "params", "ranges") {
			one := jsonObject{}
			for _, end := range []string{"from", "to"} {
				if value := at(r, end); value != nil {
					one[end] = value
				}
			}
			ranges = append(ranges, one)
		}
		return jsonObject{"range": jsonObject{"field": field, "ranges": ranges}}, nil
	case "terms":
		by := text(column, "params", "orderBy", "columnId")
		switch text(columns[by], "operationType") {
		case "count":
			by = "_count"
		case "median":
			by += ".50"
		}
		return jsonObject{"terms": jsonObject{"field": field, "size": at(column, "params", "size"),
			"order": jsonObject{by: at(column, "params", "orderDirection")}}}, nil
	}
	return nil, errors.New("a column groups by an unknown operation")
}

// rows reads the answer to a layer's aggregation: a row for each group that has documents, as people would see it.
func rows(l any, answer jsonObject, total int) []string {
	var groups, figures []string
	columns, _ := at(l, "columns").(jsonObject)
	for _, id := range list(l, "columnOrder") {
		if at(columns[id.(string)], "isBucketed") == true {
			groups = append(groups, id.(string))
		} else {
			figures = append(figures, id.(string))
		}
	}
	return walk(columns, groups, figures, answer, total, nil)
}

func walk(columns jsonObject, groups, figures []string, answer jsonObject, total int, row []string) []string {
	if len(groups) == 0 {
		for _, id := range figures {
			row = append(row, figureText(columns[id], answer[id], total))
		}
		return []string{strings.Join(row, " | ")}
	}
	var all []string
	for i, bucket := range list(answer, groups[0], "buckets") {
		documents := int(at(bucket, "doc_count").(float64))
		if documents == 0 {
			continue
		}
		key := bucketText(columns[groups[0]], bucket, i)
		all = append(all, walk(columns, groups[1:], figures, bucket.(jsonObject), documents, append(row[:len(row):len(row)], key))...)
	}
	return all
}

func bucketText(column, bucket any, place int) string {
	switch text(column, "operationType") {
	case "date_histogram":
		return timeText(at(bucket, "key"))
	case "range":
		return text(list(column, "params", "ranges")[place], "label")
	}
	if name := text(bucket, "key_as_string"); name != "" {
		return name // of booleans
	}
	return fmt.Sprint(at(bucket, "key"))
}

func figureText(column, answer any, documents int) string {
	switch {
	case text(column, "operationType") == "count":
		return strconv.Itoa(documents)
	case text(column, "operationType") == "median":
		return fmt.Sprint(at(answer, "values", "50.0"))
	case text(column, "dataType") == "date":
		return timeText(at(answer, "value"))
	}
	return fmt.Sprint(at(answer, "value"))
}

// timeText is a time without what is zero in it.
func timeText(milliseconds any) string {
	f, _ := milliseconds.(float64)
	return strings.TrimSuffix(time.UnixMilli(int64(f)).UTC().Format("01-02 15:04"), " 00:00")
}
