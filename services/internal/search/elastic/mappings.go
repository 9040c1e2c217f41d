package elastic

// The types of fields.
var (
	keyword = object{"type": "keyword"}
	date    = object{"type": "date", "format": "strict_date_optional_time"}
	integer = object{"type": "integer"}
	long    = object{"type": "long"}
	double  = object{"type": "double"}
	boolean = object{"type": "boolean"}
	// prose is for people with Kibana, tokenText for search, whose analyzer ran before.
	prose     = object{"type": "text", "analyzer": "standard"}
	tokenText = object{"type": "text", "analyzer": "whitespace", "index_options": "positions", "norms": true}
	// kept is only given back.
	kept = object{"type": "keyword", "index": false, "doc_values": false}
	// address is searched whole; a longer one is only given back.
	address = object{"type": "keyword", "ignore_above": 8191}
	title   = object{"type": "text", "analyzer": "standard", "fields": object{"keyword": object{"type": "keyword", "ignore_above": 512}}}
)

// mapping is every field of a kind of documents: no others are taken.
func mapping(k kind) object {
	switch k {
	case articles:
		return object{
			"article": keyword, "source": keyword, "url": address, "feed": keyword, "language": keyword, "title": title,
			"versions": integer, "edited": boolean, "changed": date, "published_at": date, "kinds": keyword,
			"weight_name": keyword, "state_name": keyword,
		}
	case checks:
		return object{
			"article": keyword, "source": keyword, "url": address, "time": date, "outcome": keyword, "status": integer,
			"reason": prose, "changed": boolean, "version": integer, "next": date,
		}
	case revisions:
		return with(commonMapping(), object{
			"weight_name": keyword, "state_name": keyword, "published_at": date, "since_published": double,
			"added_words": integer, "removed_words": integer, "added": prose, "removed": prose,
		})
	}
	// What versions share with revisions for reading, revisions have for searching by hand: added and removed are
	// found here by their tokens.
	unread := object{"type": "text", "index": false}
	return with(commonMapping(), object{
		"nanoseconds": long, "body": prose, "published": kept, "hash": keyword, "feed": keyword, "sequence": kept,
		"added": unread, "removed": unread,
		"tokens": object{"dynamic": "strict", "properties": object{
			"title": tokenText, "body": tokenText, "added": tokenText, "removed": tokenText, "meta": keyword,
		}},
	})
}

func commonMapping() object {
	return object{
		"key": keyword, "article": keyword, "source": keyword, "url": address, "version": integer, "time": date,
		"language": keyword, "title": title, "kinds": keyword, "weight": integer, "score": double, "state": integer,
		"disclosed": boolean,
	}
}

func with(base, more object) object {
	for name, field := range more {
		base[name] = field
	}
	return base
}
