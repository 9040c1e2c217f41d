// Package client talks to a stet query service and hides that gRPC is underneath: plain methods, errors by meaning,
// pages as iterators, and a watch that survives restarts of the service. It imports nothing of stet but the messages.
package client
