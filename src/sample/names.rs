//! Invented names. None belongs to a district, board or school in Colorado.

/// First words of the districts' names; each occurs in two districts.
const STEMS: [&str; 89] = [
    "Aldermoor",
    "Amberley",
    "Arrowfen",
    "Ashgrove",
    "Bairnsford",
    "Bellwether",
    "Birchhollow",
    "Bluestem",
    "Bramblewood",
    "Brantwick",
    "Brindlebrook",
    "Burnt Juniper",
    "Cañarroja",
    "Calderwick",
    "Cinderbluff",
    "Clearwhistle",
    "Cobblestone",
    "Coldharbor",
    "Copperfen",
    "Cranesbill",
    "Crosswind",
    "Dapplewood",
    "Doréville",
    "Drybrook",
    "Dunmarrow",
    "Eaglerest",
    "Elderflint",
    "Emberfield",
    "Fallowmere",
    "Farthingale",
    "Fernhollow",
    "Fiddlehead",
    "Flaxenburg",
    "Foxmantle",
    "Gallowglen",
    "Goldthread",
    "Graymantle",
    "Greenlatch",
    "Halfmoon",
    "Harrowgate",
    "Hawksmere",
    "Heathermoor",
    "Hollowreed",
    "Honeylocust",
    "Inkberry",
    "Ironwhistle",
    "Jackdaw",
    "Juniperfork",
    "Kestrelton",
    "Kindlewood",
    "Lanternhill",
    "Larkmantle",
    "Lindenmere",
    "Lodestar",
    "Longshadow",
    "Mapleford",
    "Marrowstone",
    "Meadowlark",
    "Millrace",
    "Mistletoe",
    "Moonpenny",
    "Mossbank",
    "Nettlecombe",
    "Nightjar",
    "Oakmantle",
    "Otterbourne",
    "Oxbow",
    "Paintbrush",
    "Peñalta",
    "Pepperwood",
    "Pinyonville",
    "Quailhollow",
    "Quarterhorse",
    "Ravenwick",
    "Redthistle",
    "Rimrock",
    "Rosewhistle",
    "Sagemantle",
    "Saltgrass",
    "Señalito",
    "Silverfen",
    "Sorrel",
    "Starling",
    "Tamarack",
    "Thistledown",
    "Tumbleweed",
    "Umberfield",
    "Whistlewind",
    "Yarrowdale",
];

/// Second words of the first and of the second district with a stem.
const LANDS: [[&str; 7]; 2] = [
    [
        "Valley", "County", "Mesa", "Flats", "Park", "Plains", "Canyon",
    ],
    [
        "Basin", "Ridge", "Creek", "Heights", "Junction", "Fork", "Vista",
    ],
];

/// Numbers at the end of districts' names.
const NUMBERS: [&str; 9] = [
    "RE-1", "2", "R-3J", "RE 4", "5J", "C-6", "RE-7", "18", "R-22",
];

const CHARTERS: [&str; 10] = [
    "Trades Academy",
    "Early College",
    "Technical High School",
    "School of Design and Making",
    "Career Collegiate",
    "Health Sciences Academy",
    "Online Pathways",
    "Community Charter School",
    "Academy of Applied Science",
    "Expeditionary High School",
];

const REGIONS: [&str; 4] = ["Northfold", "Three Mesas", "Longriver", "Sundown Plains"];

/// The first word of a district's name; also of its schools'.
pub(super) fn stem(district: usize) -> &'static str {
    STEMS[district % STEMS.len()]
}

pub(super) fn district(district: usize) -> String {
    let lands = LANDS[district / STEMS.len() % LANDS.len()];
    format!(
        "{} {} {}",
        stem(district),
        lands[district % lands.len()],
        NUMBERS[district % NUMBERS.len()]
    )
}

/// The `number`-th charter school of a district, counted statewide so that neighbors differ.
pub(super) fn charter(district: usize, number: usize) -> String {
    format!("{} {}", stem(district), CHARTERS[number % CHARTERS.len()])
}

pub(super) fn boces(number: usize) -> String {
    format!("{} BOCES", REGIONS[number % REGIONS.len()])
}
