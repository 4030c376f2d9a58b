// Package screens holds no Go code: screens.py looks at pages of segue report and segue diff in a headless browser.
//
//	screens.py        light, dark and phone: console, requests, overflow, contrast, links, the colour switch; pictures to look at
//	requirements.txt  Playwright, which drives Debian's chromium
package screens
