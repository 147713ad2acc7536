// The recipient's page: it is complete as it comes; this keeps it fresh, draws the map, and lets the recipient write.
import "../track/track.css";
import { follow } from "../track/follow";
import { talk } from "../track/talk";

const page = document.querySelector<HTMLElement>("[data-track]");
if (page) follow(page);
const box = document.querySelector<HTMLElement>("[data-talk]");
if (box) talk(box);
