// Package deploy checks what stands in the folder deploy and in docker-compose.yml: that it can be read by those who run
// it, that it says only what stet knows, and that pods and containers may do no more than they need. It has tests only.
package deploy
