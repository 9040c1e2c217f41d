package query

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// domain is who the reasons of errors belong to, as google.rpc.ErrorInfo wants it.
const domain = "query.stet"

// invalidError is a field of a request that cannot be used.
type invalidError struct {
	field, message string
	offset         int // in the query, -1 elsewhere
}

func (e *invalidError) Error() string { return e.field + ": " + e.message }

func invalid(field, format string, args ...any) error {
	return &invalidError{field, fmt.Sprintf(format, args...), -1}
}

// missingError is an article, a version or a feed that is not there.
type missingError struct{ kind, name string }

func (e *missingError) Error() string { return fmt.Sprintf("there is no %s %s", e.kind, e.name) }

// takenDownError is an article of which only the tombstone is left.
type takenDownError struct {
	article, reason string
	at              time.Time
}

func (e *takenDownError) Error() string {
	return fmt.Sprintf("article %s was taken down: %s", e.article, e.reason)
}

// tokenError is a call without the token that it needs.
type tokenError struct{ message string }

func (e *tokenError) Error() string { return e.message }

var (
	errStopping = errors.New("the service stops: try again")
	errPanic    = errors.New("the call failed inside the service")
)

// missing says what was looked for where a store says that it has nothing, and leaves other errors as they are.
func missing(err error, kind, name string) error {
	for _, target := range []error{search.ErrNotFound, eventbus.ErrNotFound, archive.ErrNotFound} {
		if errors.Is(err, target) {
			return &missingError{kind, name}
		}
	}
	return err
}

// statusOf is the one place where errors become codes. What it does not know is a store that does not answer; its
// words stay in the log, because they may tell of the inside.
func statusOf(err error) error {
	var (
		field  *invalidError
		gone   *missingError
		taken  *takenDownError
		token  *tokenError
		syntax *search.SyntaxError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return violation("query", syntax.Message, syntax.Offset)
	case errors.As(err, &field):
		return violation(field.field, field.message, field.offset)
	case errors.Is(err, search.ErrBadCursor):
		return violation("page_token", search.ErrBadCursor.Error(), -1)
	case errors.As(err, &gone):
		return rich(codes.NotFound, gone.Error(),
			&errdetails.ResourceInfo{ResourceType: gone.kind, ResourceName: gone.name, Description: gone.Error()})
	case errors.As(err, &taken):
		return rich(codes.NotFound, taken.Error(),
			&errdetails.ResourceInfo{ResourceType: "article", ResourceName: taken.article, Description: taken.Error()},
			&errdetails.ErrorInfo{Reason: "TAKEN_DOWN", Domain: domain, Metadata: map[string]string{
				"reason": taken.reason, "at": taken.at.UTC().Format(time.RFC3339),
			}})
	case errors.As(err, &token):
		return rich(codes.Unauthenticated, token.Error(), &errdetails.ErrorInfo{Reason: "TOKEN", Domain: domain})
	case errors.Is(err, eventbus.ErrConflict):
		return rich(codes.Aborted, "somebody else changed it at the same moment: try again",
			&errdetails.ErrorInfo{Reason: "CONFLICT", Domain: domain})
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, "the caller went away")
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, "it took longer than the caller waits")
	case errors.Is(err, errPanic):
		return rich(codes.Internal, errPanic.Error(), &errdetails.ErrorInfo{Reason: "INTERNAL", Domain: domain})
	case errors.Is(err, errStopping):
		return rich(codes.Unavailable, errStopping.Error(), &errdetails.ErrorInfo{Reason: "STOPPING", Domain: domain})
	}
	if known, ok := status.FromError(err); ok {
		return known.Err()
	}
	return rich(codes.Unavailable, "a store does not answer: try again",
		&errdetails.ErrorInfo{Reason: "STORE", Domain: domain})
}

// violation is INVALID_ARGUMENT with the field, and with the place in it where there is one.
func violation(field, message string, offset int) error {
	details := []protoadapt.MessageV1{&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: field, Description: message}},
	}}
	if offset >= 0 {
		details = append(details, &errdetails.ErrorInfo{
			Reason: "SYNTAX", Domain: domain, Metadata: map[string]string{"offset": strconv.Itoa(offset)},
		})
	}
	return rich(codes.InvalidArgument, field+": "+message, details...)
}

func rich(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	s := status.New(code, message)
	if with, err := s.WithDetails(details...); err == nil {
		s = with
	}
	return s.Err()
}
