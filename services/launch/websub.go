package launch

import (
	"cmp"
	"errors"

	"github.com/stetnews/stet/services/feedpoller"
	"github.com/stetnews/stet/services/internal/websub"
)

// webSub listens for hubs, if the operator has an address that they reach.
func (p *process) webSub() (*feedpoller.WebSub, error) {
	if p.cfg.WebSub == "" {
		return nil, nil
	}
	secret := cmp.Or(p.cfg.WebSubSecret, p.token)
	if secret == "" {
		return nil, errors.New("hubs are to be asked for news, and there is no secret to know them by: give every feed-poller the same " +
			"with --websub-secret or STET_WEBSUB_SECRET_FILE")
	}
	listener, err := listen(p.cfg.WebSub, "websub")
	if err != nil {
		return nil, err
	}
	return &feedpoller.WebSub{Listener: listener, Keys: websub.NewKeys(secret, p.cfg.WebSubURL)}, nil
}
