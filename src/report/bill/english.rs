//! A bill in English.

use super::words::{Labels, Sentences, Words};
use crate::agreement::{Category, Kind, LineRounding, Reason, Unit};

pub(super) static ENGLISH: Words = Words {
    title: |customer, month| format!("{customer}: bill for {month}"),
    kind: |kind| match kind {
        Kind::Operations => "Operations agreement",
        Kind::Maintenance => "Maintenance agreement",
        Kind::None => "No agreement",
    },
    agreement: |kind, since, end| match end {
        None => format!("{kind} since {since}."),
        Some(end) => format!("{kind} from {since} until {end}."),
    },
    bound: |until| format!("The agreement is younger than twelve months: it is billed until {until} at least."),
    lines_fee: |from, until| format!("Monthly fee {from} to {until}, by lines of code"),
    patches_fee: |from, until| format!("Patch agreement {from} to {until}"),
    upgrade_fee: |started| format!("Upgrade started on {started}: its test and development instances, once"),
    unit: |unit| match unit {
        Unit::HundredLines => "× 100 lines",
        Unit::Month => "month",
        Unit::Upgrade => "upgrade",
        Unit::Hour => "h",
    },
    category: |category| match category {
        Category::Upgrade => "upgrade",
        Category::BugFix => "bug fix",
        Category::Support => "support",
        Category::Patch => "patches",
        Category::HotFix => "hot-fix",
        Category::TrainingAndTesting => "training in and testing of new versions",
        Category::GoLive => "go-live support",
        Category::Infrastructure => "delivery of resources and infrastructure",
        Category::ImportExport => "import and export of data",
        Category::DataCleaning => "cleaning and validation of production data",
        Category::NewFunction => "new function",
        Category::TransactionalService => "transactional service",
        Category::ExternalApplication => "external application",
        Category::BackupRestore => "restore of a backup",
        Category::Licence => "licence",
        Category::DatabaseCorrection => "correction in the database",
        Category::NewInstance => "new instance beyond test and development",
        Category::OutsideVm => "configuration outside the virtual machine",
        Category::Other => "other work",
    },
    reason: |reason| match reason {
        Reason::Maintenance => "The maintenance agreement includes it.",
        Reason::Patches => "The patch agreement includes it.",
        Reason::FirstUpgrade => "It is the first upgrade under the agreement.",
        Reason::TwelveMonthsPassed => "Twelve months have passed since the last upgrade.",
        Reason::WithinTwelveMonths => {
            "One upgrade is included in twelve months, and fewer have passed since the last one."
        }
        Reason::NoAgreement => "There is no agreement.",
        Reason::NotBegun => "The agreement has not begun.",
        Reason::Ended => "The agreement has ended.",
        Reason::NeedsMaintenance => "Only a maintenance agreement includes it.",
        Reason::NeedsPatches => "Only a patch agreement includes it.",
        Reason::PatchesNotCurrent => {
            "Maintenance holds only while patches are current, and there is no patch agreement."
        }
        Reason::NoDeviation => "It does not deviate from the specification, so it is no program error.",
        Reason::NotReproduced => "It was not reproduced in a standard test instance, so it is no program error.",
        Reason::Excluded => "The agreement never includes it.",
        Reason::NotNamed => "The agreement does not name it.",
    },
    rounding: |rounding| match rounding {
        LineRounding::Up => "Of the sum every begun hundred of lines is billed.",
        LineRounding::Down => "Of the sum only full hundreds of lines are billed.",
        LineRounding::Nearest => "The sum is rounded to the nearest hundred lines, fifty upwards.",
        LineRounding::Exact => "Every line is billed at a hundredth of the price.",
    },
    vat: |percent| format!("VAT {percent}"),
    lines_sum: |lines, hundreds| format!("Billed: {lines} lines, {hundreds} × 100 lines."),
    rules: |rules| format!("Counted by the rules of {rules}."),
    excluded: |one, number, why| match number {
        1 => format!("Not counted: `{one}` ({why})"),
        _ if one.ends_with('/') => format!("Not counted: {number} folders, such as `{one}` ({why})"),
        _ => format!("Not counted: {number} files, such as `{one}` ({why})"),
    },
    errors: |number| match number {
        1 => "1 file could not be counted and lowers the fee:".to_owned(),
        _ => format!("{number} files could not be counted and lower the fee:"),
    },
    verdict: |included, on| {
        if included {
            format!("On {on} an upgrade is included.")
        } else {
            format!("On {on} an upgrade is not included.")
        }
    },
    last_upgrade: |last| format!("The last upgrade was delivered on {last}."),
    included_from: |from| format!("It is included from {from}."),
    label: Labels {
        to_pay: "To pay",
        included: "Included work",
        lines: "Lines of code",
        upgrade: "Upgrade",
        steps: "Steps of the plan",
        what: "What",
        quantity: "Quantity",
        price: "Price",
        discount: "Discount",
        amount: "Amount",
        net: "Sum without VAT",
        total: "To pay",
        date: "Date",
        category: "Category",
        hours: "Hours",
        why: "Why",
        module: "Module",
        repository: "Repository",
        billed: "Billed",
        yes: "yes",
        no: "not covered",
        step: "Step",
        code: "Code",
    },
    sentence: Sentences {
        no_agreement: "There is no agreement: work is billed by the hour.",
        sums: "Each amount and discount is rounded to the smallest unit of the currency, a half upwards. VAT is \
               calculated once, on the sum.",
        steps: "These steps are work that the contract treats by itself. Their hours are billed as they are logged.",
    },
};
