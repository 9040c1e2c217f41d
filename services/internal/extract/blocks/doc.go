// Package blocks finds the text of an article in a page's tree and cuts it into blocks. The choice of text is
// go-trafilatura's, which stays behind this package; the cutting, the kinds of the blocks, the captions and the pictures
// are decided here.
package blocks
