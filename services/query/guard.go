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
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// callTimeout is the deadline of a call that comes without one: far above any answer, so that a caller who forgot
// cannot hold a worker for ever.
const callTimeout = 30 * time.Second

// writes are the calls that need the token.
var writes = map[string]bool{
	queryv1.QueryService_AddFeed_FullMethodName:    true,
	queryv1.QueryService_UpdateFeed_FullMethodName: true,
	queryv1.QueryService_RemoveFeed_FullMethodName: true,
	queryv1.QueryService_CheckNow_FullMethodName:   true,
	queryv1.QueryService_TakeDown_FullMethodName:   true,
	// Dead letters hold what was read before it was refused: they are the operator's also to look at.
	queryv1.QueryService_ListDeadLetters_FullMethodName:   true,
	queryv1.QueryService_GetDeadLetter_FullMethodName:     true,
	queryv1.QueryService_ReplayDeadLetters_FullMethodName: true,
	queryv1.QueryService_RemoveDeadLetters_FullMethodName: true,
}

// guardCall stands before every call: token, deadline, panics, and errors as codes.
func (s *Service) guardCall(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	defer func() { err = s.finish(info.FullMethod, recover(), err) }()
	if writes[info.FullMethod] {
		if err := s.authorize(ctx); err != nil {
			return nil, err
		}
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

// authorize compares the token in a time that tells nothing about it.
func (s *Service) authorize(ctx context.Context) error {
	if s.config.Token == "" {
		return &tokenError{"this service takes no changes because it was started without a token"}
	}
	const scheme = "bearer "
	for _, value := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
			continue
		}
		given, wanted := sha256.Sum256([]byte(value[len(scheme):])), sha256.Sum256([]byte(s.config.Token))
		if subtle.ConstantTimeCompare(given[:], wanted[:]) == 1 {
			return nil
		}
		return &tokenError{"the token is wrong"}
	}
	return &tokenError{"this call changes something and needs the token: send authorization: Bearer and the token"}
}
