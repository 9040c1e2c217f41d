package query

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// callTimeout is the deadline of a call that comes without one: far above any answer, so that a caller who forgot
// cannot hold a worker for ever.
const callTimeout = 30 * time.Second

// writes are the calls that need the token.
var writes = map[string]bool{
	queryv1.QueryService_AddFeed_FullMethodName:      true,
	queryv1.QueryService_UpdateFeed_FullMethodName:   true,
	queryv1.QueryService_RemoveFeed_FullMethodName:   true,
	queryv1.QueryService_CheckNow_FullMethodName:     true,
	queryv1.QueryService_SplitArticle_FullMethodName: true,
	queryv1.QueryService_TakeDown_FullMethodName:     true,
	queryv1.QueryService_ReExtract_FullMethodName:    true,
	// Dead letters hold what was read before it was refused: they are the operator's also to look at.
	queryv1.QueryService_ListDeadLetters_FullMethodName:   true,
	queryv1.QueryService_GetDeadLetter_FullMethodName:     true,
	queryv1.QueryService_ReplayDeadLetters_FullMethodName: true,
	queryv1.QueryService_RemoveDeadLetters_FullMethodName: true,
}

// guardCall stands before every call: token, deadline, panics, and errors as codes.
func (s *Service) guardCall(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	defer func() { err = s.finish(info.FullMethod, recover(), err) }()
	if err := s.authorize(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	return handle(ctx, request)
}

func (s *Service) guardStream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	defer func() { err = s.finish(info.FullMethod, recover(), err) }()
	if err := s.authorize(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return handle(server, stream)
}

// finish turns a panic or an error into what the caller is told, and logs what only the operator should read.
func (s *Service) finish(method string, cause any, err error) error {
	if cause != nil {
		s.log.Error("call panicked", "method", method, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		err = errPanic
	}
	told := statusOf(err)
	if code := status.Code(told); code == codes.Unavailable && err != errStopping || code == codes.Unknown {
		s.log.Error("call failed", "method", method, "error", err)
	}
	return told
}

// authorize wants the token of a call that changes something, and of any other where readers need one. Health is for
// everybody: probes have no token.
func (s *Service) authorize(ctx context.Context, method string) error {
	switch {
	case writes[method]:
		if s.config.Token == "" {
			return &tokenError{"this service takes no changes, because it was started without a token: start query with --token, or STET_TOKEN_FILE"}
		}
		return s.present(ctx, "this call is for whoever runs stet and needs the token", s.config.Token)
	case s.config.ReadToken == "" || strings.HasPrefix(method, healthMethods):
		return nil
	}
	return s.present(ctx, "reading here needs a token", s.config.ReadToken, s.config.Token)
}

var healthMethods = "/" + grpc_health_v1.Health_ServiceDesc.ServiceName + "/"

// present looks for one of the tokens in a call.
func (s *Service) present(ctx context.Context, need string, tokens ...string) error {
	const scheme = "bearer "
	for _, value := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
			continue
		}
		if isOneOf(value[len(scheme):], tokens) {
			return nil
		}
		return &tokenError{"the token is wrong"}
	}
	return &tokenError{need + ": send authorization: Bearer and the token"}
}

// isOneOf compares in a time that tells nothing about the tokens. An unset token is none.
func isOneOf(given string, tokens []string) bool {
	digest := sha256.Sum256([]byte(given))
	same := 0
	for _, token := range tokens {
		wanted := sha256.Sum256([]byte(token))
		same |= subtle.ConstantTimeCompare(digest[:], wanted[:])
	}
	return same == 1 && given != ""
}
