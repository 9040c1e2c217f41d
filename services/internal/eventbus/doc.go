// Package eventbus is the event table: the streams, subjects, buckets and consumers of the product, typed publishing
// and consuming, message schedules, and the small state kept in key-value buckets. It is the only package that speaks
// NATS; package embedded runs a server inside the process. In one process or in fifty pods, events travel this way.
//
// Every stream has direct get off, so that every read of a message is answered by the leader: a look that misses an
// entry because a replica lags would strand a URL. Key-value reads may be stale; each use of one is a compare-and-swap.
//
// Provision sets the table up, Open uses it in a Role: what a service does on the bus is in the table of roles, and its
// permissions on a server outside (deploy/nats) are made from it.
package eventbus
