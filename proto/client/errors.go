package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What a call can fail with, for errors.Is. The context's own errors come through as they are.
var (
	// ErrNotFound says that there is no such article, version or feed.
	ErrNotFound = errors.New("not found")
	// ErrTakenDown says that there was such an article, and that an operator removed it; it is an ErrNotFound too. The
	// message tells why.
	ErrTakenDown = fmt.Errorf("taken down: %w", ErrNotFound)
	// ErrInvalid says that the request cannot be answered as it is; *Error has the field.
	ErrInvalid = errors.New("invalid request")
	// ErrUnauthenticated says that a call that changes something came without the right token.
	ErrUnauthenticated = errors.New("token missing or wrong")
	// ErrUnavailable says that the service or one of its stores does not answer: the same call may succeed later.
	ErrUnavailable = errors.New("service not available")
)

// Error is a refusal by the service.
type Error struct {
	Doing   string // what was asked for, such as "searching"
	Message string // the service's own sentence
	Field   string // field of the request that is at fault, or empty
	Offset  int    // where in the query the fault is, in bytes; -1 where that means nothing
	meaning error
}

// Error is what was being done and the service's sentence.
func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s: %s: %s", e.Doing, e.Field, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Doing, e.Message)
}

// Unwrap gives the error by meaning, or nil where the failure has none of these.
func (e *Error) Unwrap() error { return e.meaning }

// meaning turns what gRPC says into errors by meaning; nil stays nil.
func meaning(doing string, err error) error {
	if err == nil {
		return nil
	}
	s, ok := status.FromError(err)
	if !ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	e := &Error{Doing: doing, Message: s.Message(), Offset: -1, meaning: meaningOf(s.Code())}
	for _, detail := range s.Details() {
		e.add(detail)
	}
	return e
}

func (e *Error) add(detail any) {
	switch d := detail.(type) {
	case *errdetails.BadRequest:
		if v := d.GetFieldViolations(); len(v) > 0 {
			e.Field, e.Message = v[0].GetField(), v[0].GetDescription()
		}
	case *errdetails.ErrorInfo:
		if d.GetReason() == "TAKEN_DOWN" {
			e.meaning = ErrTakenDown
		}
		if offset, err := strconv.Atoi(d.GetMetadata()["offset"]); err == nil && offset >= 0 {
			e.Offset = offset
		}
	}
}

func meaningOf(code codes.Code) error {
	switch code {
	case codes.NotFound:
		return ErrNotFound
	case codes.InvalidArgument, codes.OutOfRange:
		return ErrInvalid
	case codes.Unauthenticated, codes.PermissionDenied:
		return ErrUnauthenticated
	case codes.Unavailable, codes.ResourceExhausted:
		return ErrUnavailable
	case codes.Canceled:
		return context.Canceled
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	}
	return nil
}

// ended says that a stream of which no end is expected was closed in an orderly way: the service stops.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return status.Error(codes.Unavailable, "the service closed the stream")
	}
	return err
}
