package politehttp

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

var (
	errTooLarge = errors.New("the body is too large")
	errRatio    = errors.New("the body expands too much")
	errEncoding = errors.New("the body cannot be decompressed")
)

const (
	// maxCodings bounds a list of content codings; honest servers use one.
	maxCodings = 2
	// ratioFrom is where the ratio begins to count: below a megabyte a bomb is a squib.
	ratioFrom = 1 << 20
	// zstdWindow is the largest window that RFC 9659 lets a server use.
	zstdWindow = 8 << 20
	chunk      = 32 << 10
)

type bodyLimits struct {
	size  int64 // bytes after decompression
	cut   int64 // bytes after which nothing more is wanted; 0 means that all is
	ratio int
}

// wire counts what arrives and remembers its own fault, so that a broken connection is told apart from broken data.
type wire struct {
	body  io.Reader
	read  int64
	limit int64
	err   error
}

func (w *wire) Read(p []byte) (int, error) {
	if w.read > w.limit {
		w.err = errTooLarge
		return 0, w.err
	}
	n, err := w.body.Read(p)
	w.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// readBody reads and decompresses a body within the limits, and says how many bytes of it were transferred. On an error
// it returns what it had.
func readBody(answer *http.Response, limits bodyLimits) (body []byte, transferred int64, err error) {
	// Compression makes nothing longer but by a few bytes; without this an endless row of empty gzip members would be
	// read until the deadline.
	source := &wire{body: answer.Body, limit: limits.size + chunk}
	decoded, err := decoder(source, answer.Header.Values("Content-Encoding"))
	if err != nil {
		return nil, source.read, blame(source, err)
	}
	defer decoded.Close()
	expected := int64(0)
	if len(codingsOf(answer.Header.Values("Content-Encoding"))) == 0 {
		// What is said of the length may be a lie; memory that is not written to costs nothing.
		expected = min(max(0, answer.ContentLength), limits.size)
	}
	body, err = readLimited(decoded, source, limits, expected)
	return body, source.read, err
}

// readLimited reads what is decoded. A body of the length that is expected is read without being copied as it grows.
func readLimited(decoded io.Reader, source *wire, limits bodyLimits, expected int64) ([]byte, error) {
	body := make([]byte, 0, expected)
	buffer := make([]byte, chunk)
	for {
		n, err := decoded.Read(buffer)
		body = append(body, buffer[:n]...)
		size := int64(len(body))
		switch {
		case limits.cut > 0 && size >= limits.cut:
			return body[:limits.cut], nil
		case size > limits.size:
			return body[:limits.size], errTooLarge
		case size > ratioFrom && size > source.read*int64(limits.ratio):
			return body, errRatio
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return body, blame(source, err)
		}
	}
}

// blame says whether the connection or the data is at fault.
func blame(source *wire, err error) error {
	if source.err != nil {
		return fmt.Errorf("reading the body: %w", source.err)
	}
	return fmt.Errorf("%w: %w", errEncoding, err)
}

// gzipMagic starts whatever gzip wrote.
const gzipMagic = "\x1f\x8b\x08"

// decoder undoes the content codings, the last applied first. An empty body stays empty whatever it is said to be. What
// plainly is a gzip file is one: sitemaps are kept as such, and their servers do not say so.
func decoder(source io.Reader, headers []string) (io.ReadCloser, error) {
	codings := codingsOf(headers)
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("%d content codings", len(codings))
	}
	reader := bufio.NewReaderSize(source, chunk)
	switch head, err := reader.Peek(len(gzipMagic)); {
	case len(head) == 0 && errors.Is(err, io.EOF):
		return io.NopCloser(reader), nil
	case len(codings) == 0 && string(head) == gzipMagic:
		codings = []string{"gzip"}
	}
	var decoded io.ReadCloser = io.NopCloser(reader)
	for i := len(codings) - 1; i >= 0; i-- {
		next, err := decodeOne(decoded, codings[i])
		if err != nil {
			return nil, fmt.Errorf("content coding %.40q: %w", codings[i], err)
		}
		decoded = next
	}
	return decoded, nil
}

func codingsOf(headers []string) []string {
	var codings []string
	for coding := range strings.SplitSeq(strings.ToLower(strings.Join(headers, ",")), ",") {
		if coding = strings.TrimSpace(coding); coding != "" && coding != "identity" && coding != "none" {
			codings = append(codings, coding)
		}
	}
	return codings
}

func decodeOne(source io.Reader, coding string) (io.ReadCloser, error) {
	switch coding {
	case "gzip", "x-gzip":
		return gzip.NewReader(source)
	case "br":
		return io.NopCloser(brotli.NewReader(source)), nil
	case "zstd":
		decoder, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		return decoder.IOReadCloser(), nil
	case "deflate":
		return inflate(source)
	default:
		return nil, errors.New("unknown")
	}
}

// inflate reads both things that servers call deflate: the zlib format, and the bare stream.
func inflate(source io.Reader) (io.ReadCloser, error) {
	reader := bufio.NewReader(source)
	head, err := reader.Peek(2)
	if err == nil && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(reader)
	}
	return flate.NewReader(reader), nil
}
