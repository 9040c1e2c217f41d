// Package launch decides which services run in this process and wires them: one table of services, the configuration
// read once, start and stop. It is the only package that knows the mode; the services get plain values.
package launch
