package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// forbidden must never be connected to: private and shared networks, the metadata services of clouds, and the ways to
// write an IPv4 address inside an IPv6 one.
var forbidden = strings.Fields(`127.0.0.1 127.1.2.3 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1
169.254.169.254 169.254.170.2 100.64.0.1 100.100.100.200 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 192.88.99.1 168.63.129.16
::1 :: ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b:1::a00:1 2002:7f00:1:: 2002:a9fe:a9fe:: 2001:0:53aa:64c:0:fbff:80ff:fffe fe80::1 fec0::1 fc00::1 fd00:ec2::254
ff02::1 2001:db8::1 100::1 2001:2::1 5f00::1 3fff::1`)

// public must be reached.
var public = []string{"8.8.8.8", "1.1.1.1", "2606:4700::1111", "93.184.216.34"}

// written are other ways to write the inside in an address.
var written = []string{
	"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/",
	"http://[::ffff:7f00:1]/", "http://[::]/", "http://0/", "http://①②⑦.0.0.1/", "http://127。0。0。1/",
	"http://127.0.0.1.nip.example/", "http://localhost/", "http://localhost./", "http://foo@127.0.0.1/",
	"http://127.0.0.1#@example.com/", `http://example.com\@127.0.0.1/`, "http://[fe80::1%25eth0]/", "http://169.254.169.254./",
	"http://127.0.0.1:6379/", "file:///etc/passwd", "gopher://127.0.0.1:80/",
}

// names are what the name server of that network answers; of several lists, each is given once, the last one always.
var names = map[string][][]string{
	"paper.example.":              {{"93.184.216.34"}},
	"example.com.":                {{"127.0.0.1"}},
	"127.0.0.1.nip.example.":      {{"127.0.0.1"}},
	"rebinding.example.":          {{"93.184.216.34"}, {"127.0.0.1"}},
	"rebinding-metadata.example.": {{"93.184.216.34"}, {"169.254.169.254"}},
	"inside.example.":             {{"10.0.0.1", "fd00:ec2::254"}},
	"mixed4.example.":             {{"10.0.0.1", "2606:4700::1111"}},
	"mixed6.example.":             {{"::1", "93.184.216.34"}},
	"mixed.example.":              {{"127.0.0.1", "93.184.216.34", "10.0.0.1"}},
	"metadata.example.":           {{"metadata.internal."}},
	"metadata.internal.":          {{"169.254.169.254"}},
}

// inside starts this program again in a network of its own.
func (b *bench) inside() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if out, err := exec.Command("unshare", "--net", "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		b.say("left out: no network of its own can be made here (%v %s)", err, strings.TrimSpace(string(out)))
		return nil
	}
	command := exec.Command("unshare", "--net", self, "--caged", "--stet", b.stet, fmt.Sprintf("--list=%v", b.list))
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}

// trial is an address that stet is asked to read a feed from.
type trial struct{ name, url string }

func literal(address string) string {
	if strings.Contains(address, ":") {
		address = "[" + address + "]"
	}
	return "http://" + address + "/"
}

// scripted are those where something changes on the way.
func scripted() (list []trial) {
	for name := range names {
		name = strings.TrimSuffix(name, ".")
		switch {
		case name == "paper.example" || name == "example.com" || strings.HasPrefix(name, "127."):
		case strings.HasPrefix(name, "rebinding"):
			list = append(list, trial{"a name that answers otherwise the second time", "http://" + name + "/again"})
		default:
			list = append(list, trial{"a name that leads inside", "http://" + name + "/"})
		}
	}
	for hop := 1; hop <= 5; hop++ {
		for _, target := range []string{"http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/", "http://2130706433/",
			"http://①②⑦.0.0.1/", "//10.0.0.1/", "http://localhost/", "http://metadata.example/", "https://127.0.0.1/",
			"http://93.184.216.34:6379/", "http://93.184.216.34:22/", "http://93.184.216.34:8080/", "https://93.184.216.34:8080/",
			"file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "unix:///run/x.sock"} {
			list = append(list, trial{fmt.Sprintf("redirect %d", hop), fmt.Sprintf("http://paper.example/hops/%d?%s", hop, target)})
		}
	}
	return list
}
