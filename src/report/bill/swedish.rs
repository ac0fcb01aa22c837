//! A bill in Swedish.

use super::words::{Labels, Sentences, Words};
use crate::agreement::{Category, Kind, LineRounding, Reason, Unit};

pub(super) static SWEDISH: Words = Words {
    title: |customer, month| format!("{customer}: fakturaunderlag för {month}"),
    kind: |kind| match kind {
        Kind::Operations => "Driftavtal",
        Kind::Maintenance => "Underhållsavtal",
        Kind::None => "Inget avtal",
    },
    agreement: |kind, since, end| match end {
        None => format!("{kind} sedan {since}."),
        Some(end) => format!("{kind} från {since} till och med {end}."),
    },
    bound: |until| format!("Avtalet är yngre än tolv månader: det faktureras åtminstone till och med {until}."),
    lines_fee: |from, until| format!("Månadsavgift {from} till {until}, efter antal kodrader"),
    patches_fee: |from, until| format!("Patchavtal {from} till {until}"),
    upgrade_fee: |started| format!("Uppgradering påbörjad {started}: test- och utvecklingsinstanser, engångsavgift"),
    unit: |unit| match unit {
        Unit::HundredLines => "× 100 rader",
        Unit::Month => "månad",
        Unit::Upgrade => "uppgradering",
        Unit::Hour => "tim",
    },
    category: |category| match category {
        Category::Upgrade => "uppgradering",
        Category::BugFix => "felrättning",
        Category::Support => "support",
        Category::Patch => "patchar",
        Category::HotFix => "hotfix",
        Category::TrainingAndTesting => "utbildning i och test av nya versioner",
        Category::GoLive => "stöd vid driftsättning",
        Category::Infrastructure => "leverans av resurser och infrastruktur",
        Category::ImportExport => "import och export av data",
        Category::DataCleaning => "tvätt och validering av produktionsdata",
        Category::NewFunction => "ny funktion",
        Category::TransactionalService => "transaktionstjänst",
        Category::ExternalApplication => "extern applikation",
        Category::BackupRestore => "återläsning av säkerhetskopia",
        Category::Licence => "licens",
        Category::DatabaseCorrection => "rättning i databasen",
        Category::NewInstance => "ny instans utöver test och utveckling",
        Category::OutsideVm => "konfiguration utanför den virtuella maskinen",
        Category::Other => "annat arbete",
    },
    reason: |reason| match reason {
        Reason::Maintenance => "Ingår i underhållsavtalet.",
        Reason::Patches => "Ingår i patchavtalet.",
        Reason::FirstUpgrade => "Det är den första uppgraderingen inom avtalet.",
        Reason::TwelveMonthsPassed => "Tolv månader har gått sedan den senaste uppgraderingen.",
        Reason::WithinTwelveMonths => "En uppgradering ingår per tolv månader, och färre har gått sedan den senaste.",
        Reason::NoAgreement => "Det finns inget avtal.",
        Reason::NotBegun => "Avtalet har inte börjat gälla.",
        Reason::Ended => "Avtalet har upphört.",
        Reason::NeedsMaintenance => "Ingår bara i ett underhållsavtal.",
        Reason::NeedsPatches => "Ingår bara i ett patchavtal.",
        Reason::PatchesNotCurrent => {
            "Underhållet gäller bara så länge patcharna är aktuella, och det finns inget patchavtal."
        }
        Reason::NoDeviation => "Det avviker inte från specifikationen och är därför inget programfel.",
        Reason::NotReproduced => "Det har inte återskapats i en standardtestinstans och är därför inget programfel.",
        Reason::Excluded => "Ingår aldrig i avtalet.",
        Reason::NotNamed => "Nämns inte i avtalet.",
    },
    rounding: |rounding| match rounding {
        LineRounding::Up => "Av summan faktureras varje påbörjat hundratal rader.",
        LineRounding::Down => "Av summan faktureras bara hela hundratal rader.",
        LineRounding::Nearest => "Summan avrundas till närmaste hundratal rader, femtio uppåt.",
        LineRounding::Exact => "Varje rad faktureras med en hundradel av priset.",
    },
    vat: |percent| format!("Moms {percent}"),
    lines_sum: |lines, hundreds| format!("Faktureras: {lines} rader, {hundreds} × 100 rader."),
    rules: |rules| format!("Räknat enligt reglerna för {rules}."),
    excluded: |one, number, why| match number {
        1 => format!("Räknas inte: `{one}` ({why})"),
        _ if one.ends_with('/') => format!("Räknas inte: {number} mappar, såsom `{one}` ({why})"),
        _ => format!("Räknas inte: {number} filer, såsom `{one}` ({why})"),
    },
    errors: |number| match number {
        1 => "1 fil kunde inte räknas och sänker avgiften:".to_owned(),
        _ => format!("{number} filer kunde inte räknas och sänker avgiften:"),
    },
    verdict: |included, on| {
        if included {
            format!("Den {on} ingår en uppgradering.")
        } else {
            format!("Den {on} ingår ingen uppgradering.")
        }
    },
    last_upgrade: |last| format!("Den senaste uppgraderingen levererades {last}."),
    included_from: |from| format!("Ingår från och med {from}."),
    label: Labels {
        to_pay: "Att betala",
        included: "Arbete som ingår",
        lines: "Kodrader",
        upgrade: "Uppgradering",
        steps: "Steg i planen",
        what: "Vad",
        quantity: "Antal",
        price: "Pris",
        discount: "Rabatt",
        amount: "Belopp",
        net: "Summa utan moms",
        total: "Att betala",
        date: "Datum",
        category: "Kategori",
        hours: "Timmar",
        why: "Varför",
        module: "Modul",
        repository: "Källa",
        billed: "Faktureras",
        yes: "ja",
        no: "omfattas inte",
        step: "Steg",
        code: "Kod",
    },
    sentence: Sentences {
        no_agreement: "Det finns inget avtal: arbete faktureras per timme.",
        sums: "Varje belopp och rabatt avrundas till valutans minsta enhet, en halv uppåt. Momsen räknas en gång, på \
               summan.",
        steps: "Dessa steg är arbete som avtalet behandlar för sig. Timmarna faktureras så som de har loggats.",
    },
};
