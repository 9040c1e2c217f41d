package mutate

// The words that are put around and into articles. All are invented.
var (
	who  = []string{"The mayor of Ulverport", "A retired pilot", "Three bakers", "Velden's oldest choir", "The ferry company", "A lost tortoise", "Night nurses", "The chess club of Marrow Hill"}
	does = []string{"wants to sell", "has rebuilt", "argues over", "will never forget", "opens the doors of", "says farewell to", "goes to court about", "pays twice for"}
	what = []string{"the lighthouse", "a bridge nobody uses", "last summer's harvest", "the town's only cinema", "forty wooden boats", "the school bell", "a garden on the roof", "the winter market"}

	offers = []string{
		"Lamps from Bright & Sons: two for the price of one until Sunday.", "Fly to the islands from 49 crowns.",
		"Your kitchen, new within a week. Ask Hollis.", "Tired feet? Try the walking shoes everybody talks about.",
		"The bank that answers the phone. Open an account today!",
	}
	cookies = []string{
		"We and 212 partners store information on your device to measure and improve this service. You can change your choice at any time.",
		"This site uses small files to remember you. By staying you agree to that, and to what our partners do with them.",
		"To keep our journalism free, we ask for your consent to personalised advertising. Details are in our privacy policy.",
	}
	letters = []string{"The Morning Bell", "Ten stories before breakfast", "Letters from the coast", "The weekend in brief"}
	pitches = []string{
		"Get the day's best stories by mail, every morning at seven. Sign up here.", "Our editors' picks in your inbox. Free, and you can leave at any time.",
		"Join 40,000 readers of our weekly letter on politics.", "Subscribe to our letter and never miss a report again.",
	}
	summaries = []string{
		"The plan has divided the town for years. Now a vote is near, and nobody knows how it will end.",
		"She left as a child and came back as an engineer. What she found was not what she had expected.",
		"Prices have doubled within a year, and small shops say that they cannot go on much longer.",
		"A report says that the old pipes will not last another winter. The council disagrees.",
		"They meet every Tuesday, rain or shine, and have done so since the war.",
	}
	readers  = []string{"seagull77", "Old Tom", "Marta from the hill", "nightowl", "J. Perret"}
	opinions = []string{
		"I have lived here for thirty years and never seen anything like it. Somebody should ask the council why.",
		"Good article, but you forgot to mention the harbour fees, which are the real problem here.",
		"Nonsense. My neighbour works there and says that nothing of this is true at all.",
		"Thank you for writing about this, we need more reports like it in our region!",
	}

	newWords = []string{"harbourmaster", "undeniably", "lanterns", "Tuesday", "quietly", "seventeenth"}
	shorts   = []string{
		"The talks will go on next week.", "Nobody was hurt in the fire.", "The council meets again on Monday.",
		"Police are still looking for witnesses.", "He did not answer our questions.",
	}
	additions = []string{
		"A spokeswoman for the ministry said on Thursday that the figures had been checked twice and that no further steps were planned.",
		"Engineers had warned of the cracks as early as last spring, according to a letter that this newspaper has seen.",
	}
	corrections = []string{
		"Correction: A former version gave the wrong year for the opening of the bridge. It was 1987.",
		"This report was amended on 4 May to say that the minister, not her deputy, signed the order.",
		"Clarification: The company has since told us that it employs 300 people, not 3,000.",
		"An earlier version of this article misspelled the name of the judge.",
	}
	editorsNotes = []string{
		"Editor's note: This article first appeared in March and was updated after the verdict.",
		"Editor’s note: The name of the witness was changed to protect her.",
		"Note from the editors: We have removed a sentence that could not be confirmed.",
	}
)
