// Package websub is what both sides of WebSub say to each other (W3C recommendation of 23 January 2018): how a feed names
// its hub, how a hub is asked to tell of news, how it makes sure that we asked, and how its messages are known to be its
// own. It keeps nothing, asks nobody and has no clock.
package websub
