// Package identity holds the rules by which two addresses are, or are not, the same article. It is pure: what is known
// comes in and what follows goes out as values; who claimed a key before is for others to look up.
//
// An article claims keys: its address, the one it was redirected to, the one its page gives itself, the publisher's
// identifier. A claim is only as good as what speaks for it besides the page that was read, because a page of consent,
// a login or a home page answers for every address alike.
package identity
