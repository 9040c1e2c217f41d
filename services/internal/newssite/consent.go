package newssite

import "strings"

// consentPath is where a ConsentWall leads.
const consentPath = "/consent"

// consentPage asks for leave at such length that it reads like an article.
func consentPage(name string) string {
	return strings.ReplaceAll(`<!doctype html><html lang="en"><head><title>Before you go on to NAME</title>
<link rel="canonical" href="/consent"></head><body><main><article><h1>Before you go on to NAME</h1>
<p>We and our many partners would like to keep small files on the device that you read with, so that the notices beside the
stories can be chosen for you, and so that we can tell our advertisers how many people have looked at them.</p>
<p>Some of the partners say that they may do so without asking anybody, because they have an interest in it of their own. You can
object to this in the list of partners, one after the other, which takes a reader of ordinary patience about an hour.</p>
<p>Your choice is kept for thirteen months on this device, and you can change your mind at any time by the link at the foot of
every page. If you keep no small files at all we cannot remember your choice, and will have to ask you again tomorrow.</p>
<p>The stories of NAME cost money to report. The notices pay for a part of that, and readers who would rather pay for all of it
themselves can take a subscription, which comes without any partners and without this page.</p>
</article></main></body></html>
`, "NAME", name)
}
