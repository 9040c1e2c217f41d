package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// outsiders are pods that operators make, and namespaces that are not ours.
var outsiders = []string{"elasticsearch", "kibana"}

// flows are the ways that both ends' policies leave open between pods, as "web -> query grpc", and what leaves or enters.
func (c *cluster) flows(t *testing.T) []string {
	t.Helper()
	sets := map[string]labels.Set{}
	for _, p := range c.pods() {
		sets[p.name] = p.label
	}
	for _, name := range outsiders {
		if len(c.other) > 0 {
			sets[name] = labels.Set{"app.kubernetes.io/name": name}
		}
	}
	out, in := map[string]bool{}, map[string]bool{}
	for _, policy := range c.policies {
		for name, set := range sets {
			if !selects(t, policy.Spec.PodSelector, set) {
				continue
			}
			for _, rule := range policy.Spec.Egress {
				for _, flow := range c.peers(t, sets, rule.To, rule.Ports) {
					out[name+" -> "+flow] = true
				}
			}
			for _, rule := range policy.Spec.Ingress {
				if len(rule.From) == 0 {
					in["anyone -> "+name+" "+c.port(name, rule.Ports[0])] = true
				}
				for _, flow := range c.peers(t, sets, rule.From, rule.Ports) {
					from, port, _ := strings.Cut(flow, " ")
					in[from+" -> "+name+" "+c.number(name, port)] = true
				}
			}
		}
	}
	return settle(out, in)
}

// settle keeps a flow between two pods only if both agree; what crosses the border needs one.
func settle(out, in map[string]bool) []string {
	agreed := map[string]bool{}
	for flow := range out {
		if in[flow] || strings.Contains(flow, "-> @") {
			agreed[flow] = true
		} else {
			agreed["ONLY OUT "+flow] = true
		}
	}
	for flow := range in {
		if strings.HasPrefix(flow, "@") || strings.HasPrefix(flow, "anyone") {
			agreed[flow] = true
		} else if !out[flow] {
			agreed["ONLY IN "+flow] = true
		}
	}
	return slices.Sorted(maps.Keys(agreed))
}

func selects(t *testing.T, selector metav1.LabelSelector, set labels.Set) bool {
	t.Helper()
	s, err := metav1.LabelSelectorAsSelector(&selector)
	if err != nil {
		t.Fatal(err)
	}
	return s.Matches(set)
}

// peers are the far ends of a rule with its ports.
func (c *cluster) peers(t *testing.T, sets map[string]labels.Set, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) []string {
	t.Helper()
	var all []string
	for _, peer := range peers {
		for _, port := range ports {
			switch {
			case peer.IPBlock != nil:
				all = append(all, "@internet "+port.Port.String())
			case peer.NamespaceSelector != nil:
				all = append(all, "@"+peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]+" "+port.Port.String())
			default:
				for name, set := range sets {
					if selects(t, *peer.PodSelector, set) {
						all = append(all, name+" "+c.port(name, port))
					}
				}
			}
		}
	}
	return all
}

func (c *cluster) port(pod string, port networkingv1.NetworkPolicyPort) string {
	return c.number(pod, port.Port.String())
}

// number gives the number of a port of a pod that may be named.
func (c *cluster) number(name, port string) string {
	for _, p := range c.pods() {
		if p.name != name {
			continue
		}
		for _, known := range p.spec.Containers[0].Ports {
			if known.Name == port {
				return strconv.Itoa(int(known.ContainerPort))
			}
		}
	}
	return port
}

func TestFlowsAreThoseOfTheDesign(t *testing.T) {
	small := []string{"anyone -> web 8080", "nats -> nats 6222", "web -> query 9090"}
	for _, name := range []string{"differ", "feed-poller", "indexer", "provision", "query", "scraper"} {
		small = append(small, name+" -> nats 4222")
	}
	for _, name := range []string{"differ", "feed-poller", "indexer", "nats", "provision", "query", "scraper", "web"} {
		small = append(small, name+" -> @kube-system 53")
	}
	for _, name := range []string{"feed-poller", "scraper"} {
		small = append(small, name+" -> @internet 80", name+" -> @internet 443")
	}
	large := append(slices.Clone(small),
		"differ -> @internet 443", "query -> @internet 443", // the archive
		"indexer -> elasticsearch 9200", "provision -> elasticsearch 9200", "query -> elasticsearch 9200", "kibana -> elasticsearch 9200",
		"elasticsearch -> elasticsearch 9300", "kibana-import -> kibana 5601",
		"@elastic-system -> elasticsearch 9200", "@keda -> nats 8222",
		"elasticsearch -> @kube-system 53", "kibana -> @kube-system 53", "kibana-import -> @kube-system 53")
	observed := slices.Clone(large)
	for _, name := range []string{"differ", "feed-poller", "indexer", "query", "scraper", "web"} {
		observed = append(observed, "@monitoring -> "+name+" 8081")
	}
	for overlay, want := range map[string][]string{"small": small, "large": large, "observed": observed} {
		slices.Sort(want)
		if got := build(t, overlay).flows(t); !slices.Equal(got, want) {
			t.Errorf("%s:\nmore: %v\nless: %v", overlay, without(got, want...), without(want, got...))
		}
	}
}

// TestDefaultIsDeny: what no policy names may neither speak nor be spoken to.
func TestDefaultIsDeny(t *testing.T) {
	each(t, func(t *testing.T, c *cluster) {
		denies := func(p networkingv1.NetworkPolicy) bool {
			return len(p.Spec.PodSelector.MatchLabels)+len(p.Spec.PodSelector.MatchExpressions) == 0 && len(p.Spec.Ingress)+len(p.Spec.Egress) == 0 &&
				slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) && slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
		if !slices.ContainsFunc(c.policies, denies) {
			t.Error("no policy denies all that is not allowed")
		}
	})
}

// TestScaledByWhatTheyConsume: the consumers are those that the service's own user may take messages from, in the
// permissions made of the table of streams.
func TestScaledByWhatTheyConsume(t *testing.T) {
	permissions, err := os.ReadFile(filepath.Join(root, "deploy/nats/accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	c := build(t, "large")
	if len(c.scaled) != 4 {
		t.Errorf("%d services are scaled, want 4", len(c.scaled))
	}
	for _, s := range c.scaled {
		name := s.Spec.ScaleTargetRef.Name
		_, own, _ := strings.Cut(string(permissions), fmt.Sprintf("user: %q", name))
		own, _, _ = strings.Cut(own, "user: ")
		for _, trigger := range s.Spec.Triggers {
			m := trigger.Metadata
			if subject := fmt.Sprintf("\"$JS.API.CONSUMER.MSG.NEXT.%s.%s\"", m["stream"], m["consumer"]); !strings.Contains(own, subject) {
				t.Errorf("%s does not consume %s of %s", name, m["consumer"], m["stream"])
			}
			if !strings.Contains(string(permissions), "\n  "+m["account"]+" {") {
				t.Errorf("%s: there is no account %q", name, m["account"])
			}
			for key := range m {
				if !slices.Contains(triggerKeys, key) {
					t.Errorf("%s: KEDA knows no %q and would not say so", name, key)
				}
			}
			if n, err := strconv.Atoi(m["lagThreshold"]); err != nil || n < 1 {
				t.Errorf("%s: lagThreshold %q", name, m["lagThreshold"])
			}
		}
		if s.Spec.Fallback.Replicas < max(s.Spec.MinReplicaCount, 1) || s.Spec.MaxReplicaCount <= s.Spec.MinReplicaCount {
			t.Errorf("%s: from %d to %d, %d where the lag is not known", name, s.Spec.MinReplicaCount, s.Spec.MaxReplicaCount, s.Spec.Fallback.Replicas)
		}
		for _, d := range c.deployments {
			if d.Name == name && d.Spec.Replicas != nil {
				t.Errorf("%s: its number of pods is taken back by whoever applies it again", name)
			}
		}
	}
}

// triggerKeys are those of KEDA's nats-jetstream trigger, from its scalers-schema.json of version 2.21.
var triggerKeys = []string{"natsServerMonitoringEndpoint", "account", "accountID", "stream", "consumer", "lagThreshold", "activationLagThreshold", "useHttps"}
