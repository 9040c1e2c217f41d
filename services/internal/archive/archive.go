// Package archive keeps raw pages and the text of versions under content addresses, in files or an object store. It
// is not an index: what it holds is found by the keys that events carry.
package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // s3:// in Open
	"gocloud.dev/gcerrors"
	"google.golang.org/protobuf/proto"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// ErrNotFound says that the archive has nothing under that key.
var ErrNotFound = errors.New("not in the archive")

// maxObject bounds what is read back: a page is at most 15 MB when decoded.
const maxObject = 32 << 20

// Archive is safe for concurrent use. Writing the same thing twice is no error.
type Archive struct{ bucket *blob.Bucket }

// Open opens an archive: a folder, or the URL of an object store, such as s3://bucket?region=eu-central-1 or, for a
// store of one's own, s3://bucket?endpoint=https://store.example:9000&use_path_style=true&region=any. Keys and secrets
// come from where programs of that store look for them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role).
func Open(ctx context.Context, place string) (*Archive, error) {
	if !strings.Contains(place, "://") {
		return OpenFolder(place)
	}
	bucket, err := blob.OpenBucket(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("opening the archive %s: %w", place, err)
	}
	return &Archive{bucket}, nil
}

// Ready says whether the store answers.
func (a *Archive) Ready(ctx context.Context) error {
	there, err := a.bucket.IsAccessible(ctx)
	if err != nil {
		return fmt.Errorf("asking the archive: %w", err)
	}
	if !there {
		return errors.New("the archive's bucket is not there, or may not be read")
	}
	return nil
}

// OpenFolder opens an archive in a folder, which is made if it is not there.
func OpenFolder(folder string) (*Archive, error) {
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{
		CreateDir: true, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the archive in %s: %w", folder, err)
	}
	return &Archive{bucket}, nil
}

// Close releases the store.
func (a *Archive) Close() error { return a.bucket.Close() }

// PutPage keeps a raw page of an article and gives its key. An equal page of the article that is there already is not
// written again.
func (a *Archive) PutPage(ctx context.Context, id string, body []byte) (string, error) {
	sum := sha256.Sum256(body)
	key := pagesOf(id) + hex.EncodeToString(sum[:]) + ".gz"
	if there, err := a.bucket.Exists(ctx, key); err == nil && there {
		return key, nil
	}
	return key, a.put(ctx, key, body)
}

// Page gives the raw page under a key.
func (a *Archive) Page(ctx context.Context, key string) ([]byte, error) { return a.get(ctx, key) }

// PutVersion keeps the text of a version. Two writers of different texts under one number do not meet, because the
// hash is in the key: the revision stream decides which of them is the version.
func (a *Archive) PutVersion(ctx context.Context, id string, version int, s *article.Snapshot) error {
	data, err := proto.Marshal(eventbus.SnapshotToWire(s))
	if err != nil {
		return fmt.Errorf("encoding version %d of %s: %w", version, id, err)
	}
	return a.put(ctx, versionKey(id, version, s.Hash()), data)
}

// Version gives the text of a version. ErrNotFound if it is not kept.
func (a *Archive) Version(ctx context.Context, id string, version int, hash string) (article.Snapshot, error) {
	data, err := a.get(ctx, versionKey(id, version, hash))
	if err != nil {
		return article.Snapshot{}, err
	}
	w := &eventv1.Snapshot{}
	if err := proto.Unmarshal(data, w); err != nil {
		return article.Snapshot{}, fmt.Errorf("decoding version %d of %s: %w", version, id, err)
	}
	return *eventbus.SnapshotFromWire(w), nil
}

// DeleteArticle removes every version and page of an article, and is content when there is none.
func (a *Archive) DeleteArticle(ctx context.Context, id string) error {
	return errors.Join(a.deleteAll(ctx, versionsOf(id)), a.deleteAll(ctx, pagesOf(id)))
}

func (a *Archive) deleteAll(ctx context.Context, prefix string) error {
	list := a.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing %s: %w", prefix, err)
		}
		if err := a.delete(ctx, object.Key); err != nil {
			return err
		}
	}
}

// DeletePage removes a raw page, and is content when it is not there.
func (a *Archive) DeletePage(ctx context.Context, key string) error {
	if !strings.HasPrefix(key, pagesPrefix) {
		return fmt.Errorf("%q is not the key of a page", key)
	}
	return a.delete(ctx, key)
}

func (a *Archive) delete(ctx context.Context, key string) error {
	if err := a.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("deleting %s: %w", key, err)
	}
	return nil
}

const pagesPrefix = "pages/"

func pagesOf(id string) string { return fmt.Sprintf("%s%.2s/%s/", pagesPrefix, id, id) }

func versionsOf(id string) string { return fmt.Sprintf("versions/%.2s/%s/", id, id) }

func versionKey(id string, version int, hash string) string {
	return fmt.Sprintf("%s%06d-%s.gz", versionsOf(id), version, hash)
}

func (a *Archive) put(ctx context.Context, key string, data []byte) error {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("packing %s: %w", key, err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("packing %s: %w", key, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("packing %s: %w", key, err)
	}
	if err := a.bucket.WriteAll(ctx, key, packed.Bytes(), &blob.WriterOptions{ContentType: "application/gzip"}); err != nil {
		return fmt.Errorf("archiving %s: %w", key, err)
	}
	return nil
}

func (a *Archive) get(ctx context.Context, key string) ([]byte, error) {
	packed, err := a.bucket.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fmt.Errorf("%s: %w", key, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", key, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", key, err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxObject))
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", key, err)
	}
	return data, nil
}
