package main

import (
	"context"
	"encoding/json"
	"strings"

	"sigs.k8s.io/yaml"
)

var overlays = []string{"small", "large", "observed"}

// dryRuns lets the API server judge every object of every overlay. A warning is a failure: that is how Pod Security speaks
// of a Deployment.
func (d *drill) dryRuns(ctx context.Context) error {
	for _, overlay := range overlays {
		objects, err := d.kubectl(ctx, "", "kustomize", d.deploy+"/kubernetes/overlays/"+overlay)
		if err != nil {
			return err
		}
		said, err := d.kubectl(ctx, objects, "apply", "--server-side", "--dry-run=server", "-f", "-")
		count, warnings := strings.Count(said, "serverside-applied"), strings.Count(said, "Warning")
		d.want(err == nil && warnings == 0 && count == strings.Count(objects, "\nkind: ")+strings.Count(objects[:6], "kind: "),
			"overlay "+overlay+", dry run on the server: objects, warnings", "%d, %d", count, warnings)
		if err != nil {
			d.row("  it says", "%s", last(said, 500))
		}
		bad := strings.Replace(objects, "runAsNonRoot: true", "runAsNonRoot: false", 1)
		said, _ = d.kubectl(ctx, bad, "apply", "--server-side", "--dry-run=server", "-f", "-")
		d.want(strings.Contains(said, "Warning"), "  one pod of it as root", "warned")
	}
	return nil
}

// object is as much of a manifest as is looked at here.
type object struct {
	Kind     string         `json:"kind"`
	Metadata map[string]any `json:"metadata"`
	Spec     map[string]any `json:"spec"`
}

// podSecurity makes a pod of every template: what a Deployment's controller would ask for.
func (d *drill) podSecurity(ctx context.Context) error {
	for _, overlay := range overlays {
		text, err := d.kubectl(ctx, "", "kustomize", d.deploy+"/kubernetes/overlays/"+overlay)
		if err != nil {
			return err
		}
		accepted, all := 0, 0
		for part := range strings.SplitSeq(text, "\n---\n") {
			var o object
			if err := yaml.Unmarshal([]byte(part), &o); err != nil {
				return err
			}
			pod, ok := podOf(o)
			if !ok {
				continue
			}
			all++
			if _, err := d.kubectl(ctx, pod, "apply", "--server-side", "--dry-run=server", "-f", "-"); err != nil {
				d.row("  refused", "%v", err)
				continue
			}
			accepted++
		}
		d.want(accepted == all && all > 6, "overlay "+overlay+": pods that Pod Security restricted accepts", "%d of %d", accepted, all)
	}
	_, err := d.kubectl(ctx, "", "-n", "stet", "run", "bad", "--image=x", "--privileged", "--dry-run=server")
	if refused := err != nil && strings.Contains(err.Error(), "violates PodSecurity"); refused {
		d.want(refused, "a privileged pod", "refused")
	} else {
		d.want(refused, "a privileged pod", "%s", says(err))
	}
	return nil
}

// podOf is the pod that a controller would make of an object's template.
func podOf(o object) (string, bool) {
	if o.Kind != "Deployment" && o.Kind != "StatefulSet" && o.Kind != "Job" {
		return "", false
	}
	template, _ := o.Spec["template"].(map[string]any)
	spec, _ := template["spec"].(map[string]any)
	delete(spec, "serviceAccountName") // it exists only once the overlay is applied
	if claims, ok := o.Spec["volumeClaimTemplates"].([]any); ok {
		volumes, _ := spec["volumes"].([]any)
		for _, c := range claims {
			claim, _ := c.(map[string]any)
			metadata, _ := claim["metadata"].(map[string]any)
			volumes = append(volumes, map[string]any{"name": metadata["name"], "emptyDir": map[string]any{}})
		}
		spec["volumes"] = volumes
	}
	name, _ := o.Metadata["name"].(string)
	pod, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "try-" + name, "namespace": "stet", "labels": labels(template)}, "spec": spec})
	return string(pod), err == nil
}

func labels(template map[string]any) any {
	metadata, _ := template["metadata"].(map[string]any)
	return metadata["labels"]
}
