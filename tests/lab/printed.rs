//! What `hopp up` prints, and how people come in with it.

use serde_json::json;

use super::{Browser, Said};

/// What `hopp up` printed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Printed {
    url: String,
    login: String,
    password: String,
}

impl Printed {
    pub(crate) fn read(said: &Said) -> Printed {
        let mut lines = said.out.lines();
        let url = lines.next().unwrap().to_owned();
        let words: Vec<&str> = lines.next().unwrap().split([' ', ',']).collect();
        let ["login", login, "", "password", password, ..] = words[..] else {
            panic!("login and password in {}", said.out)
        };
        Printed {
            url,
            login: login.into(),
            password: password.into(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// Logs in as a person does, through the form.
    pub(crate) fn through_the_form(&self) -> Browser {
        let mut browser = Browser::on(&self.url);
        let page = browser.get("/web/login");
        assert_eq!(page.status, 200, "{}", page.text());
        let text = page.text();
        let token = text.split("name=\"csrf_token\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap();
        let form = format!("csrf_token={token}&login={}&password={}", self.login, self.password);
        let answer = browser.post("/web/login", &form);
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    /// Logs in as a program does.
    pub(crate) fn by_json(&self, database: &str) -> Browser {
        let mut browser = Browser::on(&self.url);
        let params = json!({ "db": database, "login": self.login, "password": self.password });
        let session = browser.call("/web/session/authenticate", &params);
        assert!(session["uid"].as_i64().is_some_and(|uid| uid > 1), "{session}");
        browser
    }
}
