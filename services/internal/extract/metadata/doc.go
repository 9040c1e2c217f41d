// Package metadata reads what a page says about its article besides the body: the headline in its three forms, the
// standfirst, the authors, the section, the language and the dates. Every value is as the page declares it; where a page
// declares nothing, nothing is invented.
package metadata
