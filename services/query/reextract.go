package query

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/rebaseline"
)

// progressEvery is how often a caller is told how far a long call is.
const progressEvery = 200 * time.Millisecond

// ReExtract reads the archived pages of articles again whose text was read by another extractor. A caller who goes ends
// it; what was done stays done.
func (s *Service) ReExtract(r *queryv1.ReExtractRequest, stream grpc.ServerStreamingServer[queryv1.ReExtractResponse]) error {
	if s.rereader == nil {
		return status.Error(codes.Unimplemented, "this service has no extractor")
	}
	if r.GetArticle() != "" && r.GetSource() != "" {
		return invalid("source", "name an article or a source, not both")
	}
	if r.GetArticle() != "" {
		if err := checkArticle(r.GetArticle()); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(stream.Context())
	defer cancel(nil)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-s.stopping:
			cancel(errStopping)
		case <-stop:
		}
	}()
	var told time.Time
	send := func(p rebaseline.Progress) error {
		if now := s.now(); p.Done == 0 || p.Done == p.Total || now.Sub(told) >= progressEvery {
			told = now
			return stream.Send(&queryv1.ReExtractResponse{
				Total: int32(p.Total), Done: int32(p.Done), Changed: int32(p.Changed), Missing: int32(p.Missing), MissingArticle: p.Lost,
			})
		}
		return nil
	}
	err := s.rereader.Run(ctx, rebaseline.Choice{Article: r.GetArticle(), Source: r.GetSource()}, send)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil && r.GetArticle() == "" {
		return fmt.Errorf("reading archived pages again: %w", err)
	}
	if err != nil {
		return missing(fmt.Errorf("reading archived pages again: %w", err), "article", r.GetArticle())
	}
	return nil
}
