package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// serveNames answers for the name server that this machine asks.
func serveNames(answers map[string][][]string) error {
	settings, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return err
	}
	address := ""
	for line := range strings.Lines(string(settings)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "nameserver" && address == "" {
			address = fields[1]
		}
	}
	conn, err := net.ListenPacket("udp", net.JoinHostPort(address, "53"))
	if err != nil {
		return fmt.Errorf("listening as the name server %q: %w", address, err)
	}
	server := &nameServer{answers: answers, asked: map[string]int{}}
	go server.serve(conn) // until the process ends
	return nil
}

type nameServer struct {
	mu      sync.Mutex
	answers map[string][][]string
	asked   map[string]int // how often, for each name and type
}

func (n *nameServer) serve(conn net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		size, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(buffer[:size]) != nil || len(message.Questions) != 1 {
			continue
		}
		n.answer(&message)
		if packed, err := message.Pack(); err == nil {
			_, _ = conn.WriteTo(packed, from) // a lost answer is asked for again
		}
	}
}

func (n *nameServer) answer(message *dnsmessage.Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	asked := message.Questions[0]
	message.Response, message.RecursionAvailable, message.Additionals = true, true, nil
	name := strings.ToLower(asked.Name.String())
	lists := n.answers[name]
	if lists == nil {
		message.RCode = dnsmessage.RCodeNameError
		return
	}
	key := name + asked.Type.String()
	list := lists[min(n.asked[key], len(lists)-1)]
	n.asked[key]++
	at := asked.Name
	for len(list) == 1 && strings.HasSuffix(list[0], ".") { // a name for another name
		to := dnsmessage.MustNewName(list[0])
		message.Answers = append(message.Answers, record(at, dnsmessage.TypeCNAME, &dnsmessage.CNAMEResource{CNAME: to}))
		at, list = to, n.answers[list[0]][0]
	}
	for _, text := range list {
		switch ip := netip.MustParseAddr(text); {
		case ip.Is4() && asked.Type == dnsmessage.TypeA:
			message.Answers = append(message.Answers, record(at, dnsmessage.TypeA, &dnsmessage.AResource{A: ip.As4()}))
		case ip.Is6() && asked.Type == dnsmessage.TypeAAAA:
			message.Answers = append(message.Answers, record(at, dnsmessage.TypeAAAA, &dnsmessage.AAAAResource{AAAA: ip.As16()}))
		}
	}
}

func record(name dnsmessage.Name, kind dnsmessage.Type, body dnsmessage.ResourceBody) dnsmessage.Resource {
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: name, Type: kind, Class: dnsmessage.ClassINET}, Body: body}
}
