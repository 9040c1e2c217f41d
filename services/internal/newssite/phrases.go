package newssite

var english = phrases{
	places:      []string{"Hexley", "Saltmere", "Upper Wray", "Dunnet", "Quarry Lane", "Norwick", "Cold Tor", "Millbeck", "Fennick", "Sallow Bridge"},
	streets:     []string{"Chandlers Row", "Mill Road", "the old station yard", "Tanner Street", "the canal basin", "Gallows Hill", "Beacon Terrace"},
	names:       []string{"Nadia Ferrow", "Colm Asher", "Betony Rusk", "Idris Vale", "Harriet Quill", "Ravi Mellor", "Una Tresk", "Dov Lindqvist", "Maeve Ockham", "Samir Tolley", "Greta Hind", "Piers Okonjo"},
	sum:         "£%sm",
	decimal:     ".",
	correction:  "An earlier version of this article gave the figure as %s. It is %s.",
	attribution: ", residents say",
	topics: []topic{
		{
			section: "Council",
			titles: []string{
				"{place} swimming pool to close after {sum} repair bill", "Pool at {place} faces closure as costs reach {sum}",
				"Council to decide on future of {place} pool",
			},
			standfirsts: []string{
				"Swimmers say that they learnt of the plan from a notice on a locked door.",
				"A leak that began as a puddle has become the largest item in the budget.",
			},
			body: [][]string{
				{
					"The swimming pool in {place} will close at the end of the month unless the council can find {sum} for a new roof and boilers.",
					"Councillors will decide next week whether to spend {sum} on the swimming pool in {place} or to drain it for good.",
				},
				{
					"About {n} people use the pool on an ordinary weekday, among them the pupils of {m} schools.",
					"The pool sells {n} tickets on an ordinary day. Children from {m} schools learn to swim there.",
				},
				{
					"“We were told that it was a matter of a few tiles,” said {name}, who has coached there since it opened. “Nobody mentioned a roof.”",
					"“I have swum here every morning for thirty years,” said {name}. “I do not intend to start running.”",
				},
				{
					"Council officer {other} said that the damage had been found when a ceiling panel was taken down for painting.",
					"{other}, who is in charge of the council's buildings, said that repairs had been put off four times to save money.",
				},
				{"The nearest other pool is {m} miles away and is shut on Sundays."},
				{
					"A petition on the counter of the café had run out of lines by noon.",
					"Supporters plan to walk from {street} to the town hall on Saturday, in bathing caps.",
				},
				{"The council meets on Tuesday. Members of the public may ask questions if they send them in by Friday."},
			},
			added: []string{
				"A charity that runs two pools further south has asked to see the books, the council confirmed.",
				"Late in the afternoon the council said that children's lessons would go on until the summer whatever is decided.",
			},
		},
		{
			section: "News",
			titles: []string{
				"Fire destroys furniture warehouse in {place}", "Warehouse blaze in {place} fought by {n} firefighters",
				"Families moved out after warehouse fire near {street}",
			},
			standfirsts: []string{
				"Smoke could be seen across the valley; nobody was hurt.",
				"People living near {street} were asked to keep their windows shut overnight.",
			},
			body: [][]string{
				{
					"A warehouse near {street} in {place} burnt to the ground last night in a fire that took {n} firefighters until dawn to put out.",
					"It took {n} firefighters most of the night to put out a blaze that destroyed a furniture warehouse near {street} in {place}.",
				},
				{"The alarm was raised at twenty to midnight by a bus driver who saw flames behind the shutters."},
				{
					"“It went up like straw,” said {name}, who lives opposite. “The paint on our door has blistered.”",
					"“The noise was the worst of it,” said {name}, who lives opposite. “Things kept falling that we could not see.”",
				},
				{
					"{m} families were moved to a school hall. Most were able to go home by breakfast.",
					"People from {m} houses spent the night in a church hall, where the heating had to be lit by torchlight.",
				},
				{"The owner put the loss at {sum}. The building was insured, the stock was not."},
				{"Fire officer {other} said it was too early to speak of a cause. Electricians had been at work there in the afternoon."},
				{"The road will stay closed until the remaining wall has been taken down."},
			},
			added: []string{
				"Investigators with a dog went into the ruin shortly after two and came out with a length of cable.",
				"The water company said that the brown colour of tap water in the area was harmless and would pass.",
			},
		},
		{
			section: "Transport",
			titles: []string{
				"Night trains to {place} return after nine years", "{place} gets its night train back", "Sleeper to {place} sells out in {m} hours",
			},
			standfirsts: []string{
				"The first departure was {m} minutes late and nobody minded.",
				"A line that was written off as a luxury is asked to pay its own way.",
			},
			body: [][]string{
				{
					"A night train ran to {place} on Monday for the first time in nine years, with {n} people on board and a queue for the breakfast car.",
					"For the first time in nine years it is possible to fall asleep in the capital and wake up in {place}: {n} people did so on Monday.",
				},
				{"The carriages were rebuilt at a cost of {sum}, of which the region paid a third."},
				{
					"“You pay for a bed and get a journey for nothing,” said {name}, who took the train to see a brother. “I would do it every month.”",
					"“I did not sleep at all,” said {name}, who took the train for a dare. “I would do it again tomorrow.”",
				},
				{"Operator {other} and Partners has a licence for {m} months. It must fill six beds in ten to keep it."},
				{"Campaigners who fought for the line hung a banner from the bridge at {street}, and were thanked over the loudspeaker."},
				{"Critics say that the money would have bought a dozen buses."},
				{"Tickets for the summer go on sale next week."},
			},
			added: []string{
				"A second train each week, on Fridays, is being considered if the first months go well.",
				"The regulator said in the evening that it had received a complaint about noise from people who live by the depot.",
			},
		},
		{
			section: "Health",
			titles: []string{
				"{place} surgery to lose its last doctor", "Patients in {place} told to travel {m} miles to see a doctor",
				"Last doctor in {place} to retire with no successor",
			},
			standfirsts: []string{
				"The post was advertised four times. Nobody came to the interview.",
				"The practice has {n} patients over the age of eighty.",
			},
			body: [][]string{
				{
					"The last doctor in {place} will retire in the spring, and no one has been found to take over the practice.",
					"From the spring there will be no doctor in {place}: the last one is to retire and the post has found no taker.",
				},
				{"Dr {name} has looked after the village for thirty-one years and {n} of the patients were born in that time."},
				{
					"“I have written to every medical school in the country,” said Dr {name}. “I had two answers. Both wished me well.”",
					"“Nobody wants to be on call alone,” said Dr {name}. “I do not blame them. I did not want it either.”",
				},
				{"The health board said patients would be moved to a practice {m} miles away. A minibus would run on three days a week, at a cost of {sum} over five years."},
				{"{other}, who speaks for the patients, called the minibus a coffin with a timetable."},
				{"The building in {street} was given to the village by a mill owner on condition that there should always be a doctor in it."},
				{"A meeting will be held in the village hall on Thursday."},
			},
			added: []string{
				"A young doctor from the coast has since asked to see the house, the parish clerk said, and was impressed by the garden.",
				"Lawyers for the mill owner's family said they were reading the deed with interest.",
			},
		},
		{
			section: "Business",
			titles: []string{
				"Glassworks in {place} to shed {n} jobs", "{n} jobs to go as {place} glassworks puts out a furnace", "Furnace to go cold at {place} glassworks",
			},
			standfirsts: []string{
				"Managers blame the price of gas. The union blames the managers.",
				"The firm has made bottles there for six generations.",
			},
			body: [][]string{
				{"The glassworks in {place} will put out the larger of its two furnaces in the autumn and cut {n} jobs."},
				{
					"Workers were told at a meeting that lasted {m} minutes. There were no questions, because the microphone had been switched off.",
					"Workers were told by letter. In {m} cases it went to an address they had left years ago.",
				},
				{
					"“My father blew glass here and so did his,” said {name}. “I am the last line of that sentence.”",
					"“They have known since Easter,” said {name}, who has worked at the furnace for a decade. “They waited until the order book was full.”",
				},
				{"Director {other} said that gas now made up half the cost of a bottle and that {sum} had been lost in two years."},
				{"The union wants the state to lend the firm enough to change to electric melting, as a competitor across the border has done."},
				{"A furnace that has gone cold cannot simply be lit again: its lining cracks as it cools."},
				{"The firm's shop in {street} will stay open."},
			},
			added: []string{
				"The region's minister for work will visit the factory on Monday, her office said.",
				"A brewery that buys a third of the output said that it had not been told and was looking for another supplier.",
			},
		},
	},
}

var german = phrases{
	places:      []string{"Lauterfeld", "Weidenau", "Oberstolzen", "Bergheide", "Quellmünde", "Niederacht", "Falkenrode"},
	streets:     []string{"der Gerbergasse", "der Bahnhofstraße", "dem Kornmarkt", "der Uferstraße", "dem Alten Schlachthof"},
	names:       []string{"Ulrike Brandes", "Henning Sporleder", "Mirja Kastner", "Tilo Rabenau", "Edda Wiesner", "Jost Pfennig", "Carlotta Imhoff", "Bastian Loew"},
	sum:         "%s Millionen Euro",
	decimal:     ",",
	correction:  "In einer früheren Fassung stand hier die Zahl %s. Richtig ist %s.",
	attribution: ", heißt es im Ort",
	topics: []topic{
		{
			section: "Lokales",
			titles: []string{
				"Kita in {place} wird für {sum} neu gebaut", "Neubau der Kita in {place} kostet {sum}", "{place} bekommt eine neue Kita",
			},
			standfirsts: []string{
				"Drei Jahre lang spielten die Kinder in Containern. Nun hat der Rat entschieden.",
				"Der Beschluss fiel nach vier Stunden Debatte und mit einer Stimme Mehrheit.",
			},
			body: [][]string{
				{"Die Kindertagesstätte in {place} wird abgerissen und für {sum} neu gebaut. Das hat der Rat am späten Abend beschlossen."},
				{"In dem Haus sollen {n} Kinder in {m} Gruppen betreut werden. Bisher ist nur für die Hälfte Platz."},
				{
					"„Wir haben auf diesen Tag gewartet, seit es durch das Dach tropft“, sagte {name} von der Leitung. „Gefeiert wird trotzdem erst beim Richtfest.“",
					"„Die Eimer im Flur werde ich nicht vermissen“, sagte {name} von der Leitung. „Die Kinder vielleicht schon.“",
				},
				{"Ratsmitglied {other} nannte den Bau zu teuer und forderte eine Sanierung. Der Antrag wurde abgelehnt."},
				{"Während der Bauzeit ziehen die Gruppen in ein früheres Kaufhaus an {street}."},
				{"Der erste Spatenstich ist für das Frühjahr geplant."},
			},
			added: []string{
				"Das Land beteiligt sich mit einem Drittel an den Kosten, teilte die Verwaltung am Nachmittag mit.",
				"Eltern kritisieren, dass der Weg zum Ausweichquartier über eine stark befahrene Kreuzung führt.",
			},
		},
		{
			section: "Region",
			titles: []string{
				"Wolf reißt {m} Schafe bei {place}", "Schafhalter bei {place} beklagen {m} tote Tiere", "Tote Schafe bei {place}: Gutachter prüfen Spuren",
			},
			standfirsts: []string{
				"Der Zaun stand unter Strom. Wie das Tier hineinkam, ist noch offen.",
				"Der Züchter fordert schnelle Hilfe, das Amt will die Genprobe abwarten.",
			},
			body: [][]string{
				{"Auf einer Weide bei {place} sind in der Nacht {m} Schafe getötet worden. Fachleute gehen von einem Wolf aus."},
				{"Die Herde gehört {name} und zählt {n} Tiere. Entdeckt wurden die toten Schafe am Morgen, als der Hund nicht durch das Tor wollte."},
				{
					"„Ich habe nichts gegen den Wolf im Wald“, sagte {name}. „Ich habe etwas gegen ihn im Stall.“",
					"„Der Zaun war so hoch, wie es in der Broschüre steht“, sagte {name}. „Die Broschüre hat er wohl nicht gelesen.“",
				},
				{"{other} vom Kreisveterinäramt nahm Proben. Ein Ergebnis werde in zwei Wochen erwartet."},
				{"Für Zäune und Hunde stehen im Land in diesem Jahr {sum} bereit. Die Hälfte ist noch nicht abgerufen."},
				{"Am Sonntag wollen Schafhalter auf {street} gegen die lange Dauer der Verfahren protestieren."},
			},
			added: []string{
				"Eine Wildkamera hat in der Nähe ein einzelnes Tier aufgenommen. Das Bild ist unscharf.",
				"Der Naturschutzbund bot an, beim Bau eines zweiten Zauns mit Freiwilligen zu helfen.",
			},
		},
	},
}
