// The recipient's page: it is complete as it comes; this keeps it fresh and draws the map.
import "../track/track.css";
import { follow } from "../track/follow";

const page = document.querySelector<HTMLElement>("[data-track]");
if (page) follow(page);
