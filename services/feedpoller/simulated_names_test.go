package feedpoller

import (
	"context"
	"encoding/json"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// uncounted is an operation at which nobody dies: the criteria count requests around crashes at known operations, and
// those between the writes of names have a test of their own.
func (m *memory) uncounted(ctx context.Context, operation func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return operation()
}

// nameIn reads an alias or a merge that the simulated bus has.
func nameIn[T any](ctx context.Context, m *memory, key string) (value T, revision uint64, err error) {
	err = m.uncounted(ctx, func() error {
		there, ok := m.names[key]
		if !ok {
			return eventbus.ErrNotFound
		}
		revision = there.revision
		return json.Unmarshal(there.data, &value)
	})
	return value, revision, err
}

func (m *memory) putName(ctx context.Context, key string, value any, revision uint64) error {
	return m.uncounted(ctx, func() error {
		if m.names[key].revision != revision {
			return eventbus.ErrConflict
		}
		if m.names == nil {
			m.names = map[string]stored{}
		}
		data, err := json.Marshal(value)
		m.names[key] = stored{data, m.next()}
		return err
	})
}

func (m *memory) Alias(ctx context.Context, token string) (article.Alias, uint64, error) {
	return nameIn[article.Alias](ctx, m, token)
}

func (m *memory) PutAlias(ctx context.Context, a article.Alias, revision uint64) error {
	return m.putName(ctx, a.Key, a, revision)
}

func (m *memory) Merge(ctx context.Context, into, from string) (article.Merge, uint64, error) {
	return nameIn[article.Merge](ctx, m, into+"."+from)
}

func (m *memory) PutMerge(ctx context.Context, r article.Merge, revision uint64) error {
	return m.putName(ctx, r.Into+"."+r.From, r, revision)
}
